import type { DeviceId } from '../../src-shared/base/ids.ts'
import { type Address, formatAddress, masked } from './address.ts'
import { encodeFrame } from './frame.ts'
import { greet } from './greeting.ts'
import type { Bye, Hello } from './hello.ts'
import { judgeHello, type Life } from './judge.ts'
import { Link } from './link.ts'
import type { Incoming } from './listener.ts'
import type { PeerNetworkOptions } from './network.ts'
import { dialUpgrade, memberProtocol } from './upgrade.ts'

export interface IntroductionEars {
  /** Is anybody still missing? Asked after a connection stands and before we say who we are. */
  isSearching(): boolean
  /** Its hello is welcome and ours is said. Listen to the link before you return. */
  met(link: Link, hello: Hello, isNewLife: boolean): void
  refused(bye: Bye, link: Link): void
}

/**
 * Turns connections into acquaintances: hellos out and in, each judged by its own side. Who connected speaks first, so
 * that a stranger learns nothing, not even who we are.
 */
export class Introductions {
  readonly #options: PeerNetworkOptions
  readonly #session: string
  readonly #ears: IntroductionEars
  readonly #lives = new Map<DeviceId, Life>()
  readonly #pending = new Set<Link>()

  constructor(options: PeerNetworkOptions, session: string, ears: IntroductionEars) {
    this.#options = options
    this.#session = session
    this.#ears = ears
  }

  /** Somebody has connected. */
  answer({ link, vouched }: Incoming): void {
    this.#pending.add(link)
    greet(link, this.#options.clock, {
      hello: (hello) => {
        this.#pending.delete(link)
        if (!this.#judge(link, hello)) return
        vouched()
        link.send(encodeFrame({ kind: 'hello', hello: this.#hello() }))
        this.#meet(link, hello)
      },
      failed: (reason) => {
        this.#pending.delete(link)
        this.#options.log.info(`net: ${masked(link.address)} was no member: ${reason}`)
      },
    })
  }

  /** Looks who is at an address. True: a member. */
  async dial(address: Address): Promise<boolean> {
    const { channel, clock, log } = this.#options
    const dialled = await dialUpgrade(channel, clock, { address, protocol: memberProtocol })
    if (!dialled.ok) {
      log.debug(`net: nobody at ${masked(formatAddress(address))}: ${dialled.error}`)
      return false
    }
    const link = new Link({ ...dialled.value, address: formatAddress(address), isDialled: true })
    if (!this.#isMembers(link.proof.pin)) {
      link.terminate('its key is no member’s')
      return false
    }
    if (!this.#ears.isSearching()) {
      link.terminate('nobody is missing any more')
      return true
    }
    return this.#introduce(link)
  }

  close(): void {
    for (const link of this.#pending) link.terminate('closing')
  }

  /** A stranger at a member's old address hears nothing from us, not even who we are. */
  #isMembers(pin: string): boolean {
    return this.#options.members().some((member) => member.removedAt === null && member.pin === pin)
  }

  #introduce(link: Link): Promise<boolean> {
    const { clock, log } = this.#options
    this.#pending.add(link)
    link.send(encodeFrame({ kind: 'hello', hello: this.#hello() }))
    return new Promise((settle) => {
      greet(link, clock, {
        hello: (hello) => {
          this.#pending.delete(link)
          const isWelcome = this.#judge(link, hello)
          if (isWelcome) this.#meet(link, hello)
          settle(isWelcome)
        },
        failed: (reason, bye) => {
          this.#pending.delete(link)
          log.info(`net: not taken in at ${masked(link.address)}: ${reason}`)
          if (bye !== null) this.#ears.refused(bye, link)
          link.terminate(reason)
          settle(false)
        },
      })
    })
  }

  #hello(): Hello {
    const { self, listener, members } = this.#options
    return {
      cluster: self.clusterId,
      id: self.nodeId,
      name: self.name,
      version: self.version,
      boot: self.bootCounter,
      session: this.#session,
      addresses: listener.addresses,
      members: members(),
    }
  }

  /** False: it was told why and is gone. */
  #judge(link: Link, hello: Hello): boolean {
    const { self, members, log, events } = this.#options
    const verdict = judgeHello(hello, link.proof, {
      self: { ...self, boot: self.bootCounter, session: this.#session },
      members: members(),
      lives: this.#lives,
    })
    if (verdict.kind === 'welcome') return true
    const { bye } = verdict
    log.info(`net: refused ${hello.id} at ${masked(link.address)}: ${bye.reason}`)
    link.close(bye)
    if (bye.reason === 'clone') events.onClone(hello.id)
    return false
  }

  #meet(link: Link, hello: Hello): void {
    const before = this.#lives.get(hello.id)
    this.#lives.set(hello.id, { boot: hello.boot, session: hello.session })
    this.#ears.met(link, hello, before !== undefined && before.session !== hello.session)
  }
}
