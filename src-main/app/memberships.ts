import { assert } from '../../src-shared/base/assert.ts'
import type { Clock } from '../../src-shared/base/clock.ts'
import type { DeviceId } from '../../src-shared/base/ids.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Random } from '../../src-shared/base/random.ts'
import type { Credential } from '../identity/credential.ts'
import { createIdentity, type Identity, openIdentity } from '../identity/identity.ts'
import type { Invitation } from '../identity/pairing.ts'
import { fileVault } from '../identity/vault.ts'
import type { Disk } from '../journal/disk.ts'
import type { PeerListener } from '../net/listener.ts'
import { tlsChannel } from '../net/tls-channel.ts'
import type { Log } from '../replica/ports.ts'
import { bringAlong } from './bring-along.ts'
import { diskUnder } from './disk-under.ts'
import { Doors } from './door.ts'
import { forgetJoining, type HostDisk, joiningDir, takeOver } from './layout.ts'
import { type Member, openMember } from './member.ts'
import type { MemberEvents, MemberOptions } from './member-options.ts'
import type { RecoverRefused } from './recover.ts'
import type { Removal } from './settings.ts'
import { appVersion } from './version.ts'

export interface MembershipsPorts {
  readonly disk: HostDisk
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly listener: PeerListener
  name(): string
  /** Under which ids this device was removed. */
  removals(): readonly Removal[]
  readonly events: Omit<MemberEvents, 'joined' | 'removed'> & {
    removed(removal: Removal): void
    /** Another membership has taken over. */
    replaced(before: Member, now: Member): void
  }
}

export interface Joining {
  readonly invitation: Invitation
  /** The new key, with which this device was paired. */
  readonly credential: Credential
  readonly ms: number
}

/** The membership that is, and the one that takes its place when this device joins another group. */
export class Memberships {
  readonly #ports: MembershipsPorts
  readonly #doors: Doors
  #member: Member | null = null
  /** While one takes the other's place nobody may read or write. */
  #switching: Promise<void> | null = null

  constructor(ports: MembershipsPorts) {
    this.#ports = ports
    this.#doors = new Doors(ports.listener)
  }

  /** The membership as it is now, perhaps about to be replaced: for what only looks. */
  get current(): Member {
    assert(this.#member !== null, 'a membership is open')
    return this.#member
  }

  /** The membership to work with: waits while another one takes over. */
  async settled(): Promise<Member> {
    while (this.#switching !== null) await this.#switching
    return this.current
  }

  async open(identity: Identity): Promise<Outcome<null, RecoverRefused>> {
    const opened = await this.#open(this.#ports.disk, identity, { kind: 'found' })
    if (!opened.ok) return opened
    this.#member = opened.value
    await opened.value.start(this.#removalOf(identity.nodeId))
    return ok(null)
  }

  /**
   * Joins: the new membership grows beside the old one, and takes over only when it has seen its own addition committed.
   * Until then nothing of the old one is touched; the error is for a person.
   */
  async join({ invitation, credential, ms }: Joining): Promise<Outcome<null, string>> {
    const { disk, name, log } = this.#ports
    await forgetJoining(disk)
    await disk.makeDir(joiningDir)
    const joiningDisk = diskUnder(disk, joiningDir)
    const { id: nodeId, clusterId, members } = invitation
    const fields = { nodeId, clusterId, name: name(), credential }
    const identity = await createIdentity(joiningDisk, fileVault, fields)
    const joined = deferred()
    const opened = await this.#open(
      joiningDisk,
      identity,
      { kind: 'join', members },
      joined.resolve,
    )
    if (!opened.ok) return fail(opened.error.message)
    const joining = opened.value
    await joining.start()
    if (!(await this.#inTime(joined.promise, ms))) {
      await joining.close()
      await forgetJoining(disk)
      return fail('The devices of the group could not be reached in time.')
    }
    log.info(`app: ${nodeId} is a member of ${clusterId}`)
    const switching = this.#takeOver(joining)
    this.#switching = switching
    await switching
    return ok(null)
  }

  async close(): Promise<void> {
    await this.settled()
    await this.current.close()
  }

  /** In its first turn it closes the old membership to writers, so that no word gets in behind what is brought along. */
  async #takeOver(joining: Member): Promise<void> {
    const { disk, events } = this.#ports
    const before = this.current
    before.beginLeaving()
    // Also where the group was told of no notes: a word may have been typed since.
    await bringAlong(before, joining)
    const handed = before.documents.handover()
    const versionFloor = before.documents.versionFloor
    await before.close()
    await joining.close()
    await takeOver(disk, before.selfId)
    const identity = await openIdentity(disk, fileVault)
    assert(identity.ok && identity.value !== null, 'the new membership brought its identity')
    const opened = await this.#open(
      disk,
      identity.value,
      { kind: 'found' },
      undefined,
      versionFloor,
    )
    assert(opened.ok, 'what was just closed opens again')
    this.#member = opened.value
    await opened.value.start()
    this.#switching = null
    events.replaced(before, opened.value)
    opened.value.documents.takeOver(handed)
  }

  #open(
    disk: Disk,
    identity: Identity,
    beginning: MemberOptions['beginning'],
    joined: () => void = () => undefined,
    versionFloor = 0,
  ): Promise<Outcome<Member, RecoverRefused>> {
    const { clock, random, log, listener, events } = this.#ports
    const isCurrent = () => this.#member?.selfId === identity.nodeId
    return openMember({
      disk,
      clock,
      random,
      log,
      version: appVersion,
      identity,
      addresses: () => listener.addresses,
      beginning,
      door: this.#doors.door(),
      channel: tlsChannel(clock, identity.credential),
      versionFloor,
      events: {
        notes: (ids) => isCurrent() && events.notes(ids),
        status: () => isCurrent() && events.status(),
        stepped: (steps, windows) => isCurrent() && events.stepped(steps, windows),
        applied: (id, rev) => isCurrent() && events.applied(id, rev),
        joined,
        removed: ({ index, by }) => events.removed({ id: identity.nodeId, index, by }),
      },
    })
  }

  #inTime(event: Promise<void>, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const stopClock = this.#ports.clock.after(ms, () => resolve(false))
      void event.then(() => {
        stopClock()
        resolve(true)
      })
    })
  }

  #removalOf(id: DeviceId): Removal | null {
    return this.#ports.removals().find((removal) => removal.id === id) ?? null
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve: () => resolve() }
}
