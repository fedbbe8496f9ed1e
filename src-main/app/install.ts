/**
 * The device behind every shell: one object for all that can be asked of it, over whichever membership it has now.
 *
 * Over 300 lines: it is the interface of device-api.ts, method by method, and each is a few lines that say who does it.
 */
import type { Clock } from '../../src-shared/base/clock.ts'
import type { DeviceId, NoteId } from '../../src-shared/base/ids.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Random } from '../../src-shared/base/random.ts'
import type {
  Consequences,
  ImportReport,
  Nearby,
  NewNote,
  NoteSummary,
  OpenedNote,
  PairingState,
  SearchHit,
  Status,
  UpdatesFrom,
  WindowId,
} from '../../src-shared/ipc/contract.ts'
import { sortedTags } from '../../src-shared/notes/apply.ts'
import type { Wish } from '../../src-shared/notes/wishes.ts'
import type { Credential } from '../identity/credential.ts'
import type { Identity } from '../identity/identity.ts'
import { cleanName } from '../identity/name.ts'
import { parseAddress } from '../net/address.ts'
import { bonjourMulticast } from '../net/bonjour.ts'
import { Discovery } from '../net/discovery.ts'
import type { PeerListener } from '../net/listener.ts'
import type { Log } from '../replica/ports.ts'
import { hasNotes } from './bring-along.ts'
import type {
  AddDevice,
  Behind,
  ChangeText,
  DeviceApi,
  DeviceEvent,
  EditNote,
  ImportedFile,
  ListNotes,
  NoteDetail,
  NotePage,
  PutText,
  ReadNote,
  Refused,
  Wait,
  WindowApi,
  Written,
} from './device-api.ts'
import { DeviceEvents } from './device-events.ts'
import { takeIn } from './intake.ts'
import { invite } from './inviting.ts'
import type { HostDisk } from './layout.ts'
import { Listening } from './listening.ts'
import type { Member } from './member.ts'
import { statusOf } from './member-status.ts'
import { Memberships } from './memberships.ts'
import { Newcomer } from './newcomer.ts'
import type { RecoverRefused } from './recover.ts'
import { type Settings, writeSettings } from './settings.ts'
import { appVersion } from './version.ts'
import { removalConsequences } from './words.ts'
import { Writes } from './writes.ts'
import { withZip } from './zip-in.ts'
import { zipOfNotes } from './zip-out.ts'

export interface InstallPorts {
  readonly dataDir: string
  readonly disk: HostDisk
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Its port is known, and nobody listens yet. */
  readonly listener: PeerListener
  readonly settings: Settings
  /** Null: no multicast. */
  readonly discovery: { readonly host: string | null } | null
  /** A name that the person chose just now. */
  readonly wantedName: string | null
  /** Lets go of the directory, last of all. */
  release(): Promise<void>
}

/** A linearizable read waits for a majority so long, in ticks of 100 ms. */
export const readTicks = 30
const nameWaitMs = 60_000

export class Install implements DeviceApi, WindowApi {
  readonly #ports: InstallPorts
  readonly #events: DeviceEvents
  readonly #memberships: Memberships
  readonly #newcomer: Newcomer
  readonly #listening: Listening
  readonly #discovery: Discovery | null
  #settings: Settings
  #savingSettings: Promise<void> = Promise.resolve()
  #imports = 0
  #isClosed = false

  constructor(ports: InstallPorts) {
    this.#ports = ports
    this.#settings = ports.settings
    const { clock, random, log, listener, disk } = ports
    this.#events = new DeviceEvents({
      clock,
      status: () => this.#status(),
      summary: (id) => this.#memberships.current.view.summary(id),
    })
    this.#memberships = new Memberships({
      disk,
      clock,
      random,
      log,
      listener,
      name: () => this.#settings.name,
      removals: () => this.#settings.removals,
      events: {
        notes: (ids) => this.#events.notes(ids),
        status: () => this.#statusMoved(),
        stepped: (event, windows) => this.#events.tell({ name: 'note', event, windows }),
        applied: (id, rev) => this.#events.tell({ name: 'applied', event: { id, rev } }),
        removed: (removal) => this.#keep({ removals: [...this.#settings.removals, removal] }),
        replaced: (before, now) => this.#replaced(before, now),
      },
    })
    this.#newcomer = new Newcomer({
      clock,
      random,
      log,
      listener,
      name: () => this.#settings.name,
      member: () => this.#memberships.current,
      hasNotes: () => hasNotes(this.#memberships.current),
      join: (joining) => this.#memberships.join(joining),
      changed: (event) => {
        this.#events.tell({ name: 'pairing', event })
        void this.#listening.look()
        this.#announce()
      },
    })
    this.#listening = new Listening({
      clock,
      log,
      listener,
      wanted: () => this.#wanted(),
      moved: () => this.#announce(),
    })
    this.#discovery = ports.discovery === null ? null : this.#makeDiscovery(ports.discovery.host)
  }

  /** Opens the membership that the directory holds, and begins. */
  async open(identity: Identity): Promise<Outcome<null, RecoverRefused>> {
    const opened = await this.#memberships.open(identity)
    if (!opened.ok) return opened
    this.#keep({})
    await this.#listening.look()
    this.#discovery?.start()
    this.#announce()
    if (this.#ports.wantedName !== null) void this.#takeName(this.#ports.wantedName)
    return ok(null)
  }

  get id(): DeviceId {
    return this.#memberships.current.selfId
  }

  /** "HOST:PORT" of the peer listener. */
  get peerAddress(): string {
    return this.#ports.listener.addresses[0] ?? ''
  }

  get log(): Log {
    return this.#ports.log
  }

  /** Leadership goes to another device, everything is made durable, the directory is let go of. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#newcomer.close()
    await this.#discovery?.close()
    await this.#memberships.close()
    await this.#listening.close()
    this.#events.close()
    await this.#savingSettings
    await this.#ports.release()
  }

  sleeping(): void {
    void this.#memberships.current.sleeping()
  }

  woke(): void {
    this.#memberships.current.woke()
    this.#discovery?.renew()
  }

  hear(listener: (event: DeviceEvent) => void): () => void {
    return this.#events.hear(listener)
  }

  async status(): Promise<Status> {
    await this.#memberships.settled()
    return this.#status()
  }

  // ---- notes -------------------------------------------------------------------------------------------------------

  async allNotes(): Promise<readonly NoteSummary[]> {
    return (await this.#memberships.settled()).view.all()
  }

  async listNotes(ask: ListNotes): Promise<Outcome<NotePage, Refused>> {
    return (await this.#memberships.settled()).view.page(ask)
  }

  async searchNotes(ask: { query: string; limit: number }): Promise<readonly SearchHit[]> {
    return (await this.#memberships.settled()).view.search(ask)
  }

  async readNote(id: NoteId, ask: ReadNote): Promise<Outcome<NoteDetail, Refused>> {
    const member = await this.#memberships.settled()
    if (ask.linearizable) {
      const read = await member.replica.read(readTicks)
      if (!read.ok) return fail(noMajority)
    }
    const detail = member.view.detail(id)
    return detail === null ? fail(noSuchNote) : ok(detail)
  }

  async createNote(note: NewNote, wait: Wait): Promise<Outcome<Written, Refused>> {
    const { title = null, body = '', tags = [] } = note
    const writes = await this.#writes()
    return writes.create({ title, body, tags: sortedTags(tags), pinned: false, origin: null }, wait)
  }

  async putText(id: NoteId, ask: PutText, wait: Wait): Promise<Outcome<Written, Refused>> {
    return (await this.#writes()).putText(id, ask, wait)
  }

  async changeText(id: NoteId, ask: ChangeText, wait: Wait): Promise<Outcome<Written, Refused>> {
    return (await this.#writes()).changeText(id, ask, wait)
  }

  async editNote(id: NoteId, ask: EditNote, wait: Wait): Promise<Outcome<Written, Refused>> {
    return (await this.#writes()).edit(id, ask, wait)
  }

  trashNote(id: NoteId, wait: Wait): Promise<Outcome<Written, Refused>> {
    return this.#wish(id, { kind: 'trash' }, wait)
  }

  restoreNote(id: NoteId, wait: Wait): Promise<Outcome<Written, Refused>> {
    return this.#wish(id, { kind: 'restore' }, wait)
  }

  purgeNote(id: NoteId, wait: Wait): Promise<Outcome<Written, Refused>> {
    return this.#wish(id, { kind: 'purge' }, wait)
  }

  exportZip(): AsyncIterable<Uint8Array> {
    return zipOfNotes(this.#memberships.current.view.exported())
  }

  async importZip(bytes: AsyncIterable<Uint8Array>): Promise<Outcome<ImportReport, Refused>> {
    const member = await this.#memberships.settled()
    const refused = refusalOf(member)
    if (refused !== null) return fail(refused)
    const name = `import-${++this.#imports}.zip`
    const taken = await withZip(this.#ports.disk, { name, bytes }, (members) =>
      takeIn(this.#intake(member), members),
    )
    if (taken.ok) return taken
    const kind = taken.error.kind === 'too-large' ? 'too-large' : 'malformed'
    return fail({ kind, message: taken.error.message })
  }

  async importFiles(files: readonly ImportedFile[]): Promise<Outcome<ImportReport, Refused>> {
    const member = await this.#memberships.settled()
    const refused = refusalOf(member)
    if (refused !== null) return fail(refused)
    const members = files.map((file) => ({ kind: 'file', file }) as const)
    return ok(await takeIn(this.#intake(member), members))
  }

  // ---- windows -----------------------------------------------------------------------------------------------------

  async openNote(id: NoteId, window: WindowId): Promise<Outcome<OpenedNote, Refused>> {
    const { documents, view } = await this.#memberships.settled()
    const document = documents.openFor(id, window)
    const summary = view.summary(id)
    if (document === null || summary === null) return fail(noSuchNote)
    return ok({ summary, version: document.version, text: document.text })
  }

  closeNote(id: NoteId, window: WindowId): void {
    void this.#memberships.settled().then(({ documents }) => documents.closeFor(id, window))
  }

  async push(
    ask: UpdatesFrom,
    window: WindowId,
  ): Promise<Outcome<{ readonly version: number }, Refused | Behind>> {
    const member = await this.#memberships.settled()
    const refused = refusalOf(member)
    if (refused !== null) return fail(refused)
    const pushed = member.documents.push(ask, window)
    if (pushed.ok) return pushed
    switch (pushed.error.kind) {
      case 'behind': {
        const { missed } = pushed.error
        return fail({
          kind: 'behind',
          missed: { id: ask.id, version: ask.version, updates: missed },
        })
      }
      case 'no-note':
        return fail(noSuchNote)
      case 'reopen':
        return fail({ kind: 'not-now', message: 'This note has to be opened again.' })
      case 'refused':
        return fail({
          kind: 'does-not-fit',
          message: `It cannot be taken: ${pushed.error.reason}.`,
        })
    }
  }

  pull(id: NoteId, version: number): UpdatesFrom | null {
    return this.#memberships.current.documents.pull(id, version)
  }

  windowGone(window: WindowId): void {
    void this.#memberships.settled().then(({ documents }) => documents.windowGone(window))
  }

  // ---- devices -----------------------------------------------------------------------------------------------------

  async nearby(): Promise<readonly Nearby[]> {
    const { clusterId } = (await this.#memberships.settled()).identity
    return (this.#discovery?.list() ?? [])
      .filter((found) => found.clusterId !== clusterId)
      .map(({ ref, name, addresses, state }) => ({ ref, name, state, address: addresses[0] ?? '' }))
  }

  async pairing(): Promise<PairingState> {
    return this.#newcomer.state
  }

  async openPairing(): Promise<Outcome<PairingState, Refused>> {
    await this.#memberships.settled()
    const opened = this.#newcomer.open()
    if (!opened.ok || (await this.#listening.hurry())) return opened
    this.#newcomer.close()
    const message = `This device cannot be reached at ${this.peerAddress}: another program uses the port.`
    return fail({ kind: 'not-now', message })
  }

  async closePairing(): Promise<PairingState> {
    return this.#newcomer.close()
  }

  async addDevice(ask: AddDevice): Promise<Outcome<{ readonly deviceId: DeviceId }, Refused>> {
    const member = await this.#memberships.settled()
    const refused = refusalOf(member)
    if (refused !== null) return fail(refused)
    const addresses = this.#addressesOf(ask)
    if (!addresses.ok) return addresses
    const { clock, random, log, listener } = this.#ports
    const { name } = this.#settings
    const ports = { clock, random, log, member, name, addresses: listener.addresses }
    let last: Refused = { kind: 'unknown-device', message: 'No address is known for it.' }
    for (const address of addresses.value) {
      const { code, bring } = ask
      const invited = await invite(ports, { address, code, bring })
      if (invited.ok || invited.error.kind !== 'unreachable') return invited
      last = invited.error
    }
    return fail(last)
  }

  async renameDevice(id: DeviceId, name: string): Promise<Outcome<null, Refused>> {
    const member = await this.#memberships.settled()
    const refused = refusalOf(member)
    if (refused !== null) return fail(refused)
    const clean = cleanName(name)
    if (clean === '') return fail({ kind: 'malformed', message: 'A name has letters in it.' })
    return member.group.rename(id, clean)
  }

  async consequences(id: DeviceId): Promise<Consequences> {
    const member = await this.#memberships.settled()
    const members = member.roster.members()
    const isSelf = id === member.selfId
    return removalConsequences({
      members,
      targetId: id,
      leaderId: member.leaderId,
      heldNowhereElse: isSelf ? member.standing.heldOnlyHere() : 0,
      pending: isSelf ? member.courier.sizes.commands : 0,
    })
  }

  async removeDevice(id: DeviceId): Promise<Outcome<null, Refused>> {
    const member = await this.#memberships.settled()
    const refused = refusalOf(member)
    if (refused !== null) return fail(refused)
    const removed = await member.group.remove(id)
    if (removed.ok && id === member.selfId) member.retire({ index: 0, by: id })
    return removed
  }

  async lead(id: DeviceId): Promise<Outcome<null, Refused>> {
    const member = await this.#memberships.settled()
    const refused = refusalOf(member)
    return refused === null ? member.group.lead(id) : fail(refused)
  }

  // ---- inside ------------------------------------------------------------------------------------------------------

  async #writes(): Promise<Writes> {
    return this.#writesOf(await this.#memberships.settled())
  }

  #writesOf(member: Member): Writes {
    const { documents } = member
    return new Writes({ documents, clock: this.#ports.clock, refusal: () => refusalOf(member) })
  }

  async #wish(id: NoteId, wanted: Wish, wait: Wait): Promise<Outcome<Written, Refused>> {
    return (await this.#writes()).wish(id, wanted, wait)
  }

  #intake(member: Member) {
    const existing = member.view.exported()
    return { clock: this.#ports.clock, writes: this.#writesOf(member), existing }
  }

  #status(): Status {
    return statusOf({
      member: this.#memberships.current,
      name: this.#settings.name,
      version: appVersion,
      peerAddress: this.peerAddress,
      dataDir: this.#ports.dataDir,
    })
  }

  #statusMoved(): void {
    this.#events.status()
    void this.#listening.look()
    const own = this.#memberships.current.machine.state.members.get(this.id)?.name
    if (own !== undefined && own !== this.#settings.name) this.#keep({ name: own })
  }

  /** Settings are small and change rarely: written one after the other, whole. */
  #keep(change: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...change }
    const settings = this.#settings
    this.#savingSettings = this.#savingSettings
      .then(() => writeSettings(this.#ports.disk, settings))
      .catch((error: unknown) => this.#ports.log.error(`app: settings: ${String(error)}`))
  }

  #replaced(before: Member, now: Member): void {
    this.#ports.log.info(`app: this device is ${now.selfId} now`)
    this.#events.tell({ name: 'device', event: { id: now.selfId } })
    this.#events.notes([...before.machine.state.notes.keys(), ...now.machine.state.notes.keys()])
    this.#events.status()
    this.#announce()
  }

  #makeDiscovery(host: string | null): Discovery {
    const { clock, random, log } = this.#ports
    return new Discovery({
      multicast: bonjourMulticast,
      host,
      clock,
      random,
      log,
      found: ({ clusterId, addresses }) => {
        const { identity, network } = this.#memberships.current
        if (clusterId !== identity.clusterId) return
        for (const address of addresses) network.hint(address)
      },
      changed: () => this.#events.status(),
    })
  }

  /** A code is for whoever reads it, the port else for the members; a group of one has none to wait for. */
  #wanted(): Credential | null {
    if (this.#newcomer.credential !== null) return this.#newcomer.credential
    const { identity, roster, isRemoved } = this.#memberships.current
    return isRemoved || roster.memberIds().length <= 1 ? null : identity.credential
  }

  /** Who does not listen is silent too. */
  #announce(): void {
    const address = parseAddress(this.peerAddress)
    const { isWaiting } = this.#newcomer
    if (!address.ok || !this.#listening.isOpen) return this.#discovery?.announce(null)
    const { identity } = this.#memberships.current
    const state = isWaiting ? 'waiting' : 'other'
    const { host, port } = address.value
    this.#discovery?.announce({
      clusterId: identity.clusterId,
      state,
      name: this.#settings.name,
      host,
      port,
    })
  }

  #addressesOf({ ref, address }: AddDevice): Outcome<readonly string[], Refused> {
    if (ref !== null) {
      const found = this.#discovery?.list().find((each) => each.ref === ref)
      if (found !== undefined) return ok(found.addresses)
      return fail({ kind: 'unknown-device', message: 'This device is not nearby any more.' })
    }
    const parsed = parseAddress(address ?? '')
    if (!parsed.ok) return fail({ kind: 'malformed', message: parsed.error })
    return ok([address ?? ''])
  }

  /** Waits for the group where it has to: the name is replicated like everything else. */
  async #takeName(name: string): Promise<void> {
    const member = this.#memberships.current
    const isReady = () =>
      member.leaderId !== null && member.machine.state.members.has(member.selfId)
    if (!(await member.watch.until(isReady, nameWaitMs))) return
    const renamed = await this.renameDevice(member.selfId, name)
    if (!renamed.ok) this.#ports.log.warn(`app: the new name waits: ${renamed.error.kind}`)
  }
}

/** Why this device takes nothing in now; null: go on. */
function refusalOf(member: Member): Refused | null {
  if (member.isLeaving) {
    return {
      kind: 'not-now',
      message: 'This device is joining its group at this moment. Try again.',
    }
  }
  if (member.isRemoved) {
    return {
      kind: 'removed',
      message:
        'This device was removed from its group. Its notes stay readable; to write again, add it with a new code.',
    }
  }
  const { trouble } = member
  // Behind by a version it goes on taking edits in: they wait in the outbox.
  if (trouble === null || trouble.kind === 'outdated') return null
  return { kind: 'stopped', message: trouble.message }
}

const noSuchNote: Refused = { kind: 'not-found', message: 'There is no such note.' }
const noMajority: Refused = {
  kind: 'unavailable',
  message: 'Too few devices are awake to be sure that nothing newer is elsewhere.',
}
