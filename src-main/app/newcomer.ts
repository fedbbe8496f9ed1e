import type { Clock } from '../../src-shared/base/clock.ts'
import { type DeviceId, newDeviceId } from '../../src-shared/base/ids.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Random } from '../../src-shared/base/random.ts'
import type { PairingState } from '../../src-shared/ipc/contract.ts'
import { codeCheck } from '../identity/code-check.ts'
import { type Credential, newCredential } from '../identity/credential.ts'
import {
  joiningMs,
  type Newcomer as NewcomerCard,
  type PairingWindowState,
  windowMs,
} from '../identity/pairing.ts'
import { openPairing, type PairingWindow } from '../identity/pairing-window.ts'
import type { PeerListener } from '../net/listener.ts'
import type { Log } from '../replica/ports.ts'
import type { Refused } from './device-api.ts'
import type { Member } from './member.ts'
import type { Joining } from './memberships.ts'
import { nameList } from './words.ts'

export interface NewcomerPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly listener: PeerListener
  name(): string
  /** The membership as it is. */
  member(): Member
  hasNotes(): boolean
  /**
   * Starts the new membership beside the old one; resolves once its addition is seen committed and it has taken over, or
   * with why not, in words.
   */
  join(joining: Joining): Promise<Outcome<null, string>>
  changed(state: PairingState): void
}

const closed: PairingState = {
  state: 'closed',
  code: null,
  expiresAt: null,
  address: null,
  detail: null,
}

/** This device asks to be let in: it shows a code, and whoever knows it may add this device to a group. */
export class Newcomer {
  readonly #ports: NewcomerPorts
  #window: PairingWindow | null = null
  #credential: Credential | null = null
  #state = closed
  #stopClock: () => void = () => undefined

  constructor(ports: NewcomerPorts) {
    this.#ports = ports
  }

  get state(): PairingState {
    return this.#state
  }

  get isWaiting(): boolean {
    return this.#state.state === 'waiting'
  }

  /** Null: nobody may knock. Else the key that this device will have as a member, new with each code. */
  get credential(): Credential | null {
    return this.#credential
  }

  /** A new code at each asking; the one before is void. */
  open(): Outcome<PairingState, Refused> {
    const refused = this.#refusal()
    if (refused !== null) return fail({ kind: 'not-now', message: refused })
    this.#window?.close()
    const { random, clock, listener } = this.#ports
    const id = newDeviceId(random)
    const credential = newCredential(random)
    const window: PairingWindow = openPairing({
      random,
      clock,
      check: codeCheck(random),
      pin: credential.pin,
      describe: () => this.#card(id, credential.pin),
      join: (invitation) => this.#ports.join({ invitation, credential, ms: joiningMs }),
      changed: (state) => {
        if (this.#window === window) this.#changed(state)
      },
    })
    this.#window = window
    this.#credential = credential
    listener.admitPairing((link) => window.accept(link))
    this.#stopClock()
    this.#stopClock = clock.after(windowMs, () => {
      if (this.#state.state === 'burnt') this.#shut()
    })
    this.#changed(window.state)
    return ok(this.#state)
  }

  close(): PairingState {
    this.#window?.close()
    if (this.#state.state === 'burnt') this.#shut()
    return this.#state
  }

  #shut(): void {
    this.#stopClock()
    this.#credential = null
    this.#ports.listener.admitPairing(null)
  }

  #refusal(): string | null {
    if (this.#state.state === 'joining') return 'This device is being added at this moment.'
    const member = this.#ports.member()
    const others = member.roster.members().filter(({ isSelf }) => !isSelf)
    if (member.isRemoved || others.length === 0) return null
    return `This device is in a group with ${nameList(others)}. To join another one, let it leave that group first.`
  }

  #card(id: DeviceId, pin: string): NewcomerCard {
    const { name, listener, hasNotes } = this.#ports
    return { id, name: name(), addresses: listener.addresses, pin, hasNotes: hasNotes() }
  }

  #changed(state: PairingWindowState): void {
    // Who tries a void code is to hear why, until it would have expired anyway.
    const isOpen = state.kind === 'waiting' || state.kind === 'joining' || state.kind === 'burnt'
    if (!isOpen) this.#shut()
    this.#state = this.#shown(state)
    this.#ports.log.info(`app: pairing ${state.kind}`)
    this.#ports.changed(this.#state)
  }

  #shown(state: PairingWindowState): PairingState {
    const address = this.#ports.listener.addresses[0] ?? null
    const shown = { ...closed, state: state.kind, address }
    switch (state.kind) {
      case 'waiting': {
        const { code, expiresAt, triesLeft } = state
        const detail = triesLeft === 3 ? null : `A wrong code was typed. ${triesLeft} more may be.`
        return { ...shown, code, expiresAt, detail }
      }
      case 'joining':
        return { ...shown, detail: `${state.host.name} is adding this device.` }
      case 'joined':
        return { ...shown, detail: `This device is in a group with ${state.host.name} now.` }
      case 'burnt':
        return {
          ...shown,
          detail: 'The code was mistyped three times and is void. Show a new one.',
        }
      case 'expired':
        return { ...shown, detail: 'The code has expired. Show a new one.' }
      case 'failed':
        return { ...shown, detail: state.reason }
      case 'closed':
        return closed
    }
  }
}
