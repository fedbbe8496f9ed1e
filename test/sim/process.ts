/**
 * One life of a member: the real journal, machine, replica, outbox, courier and documents, wired as the app wires them,
 * without sockets and without the files of the notes, which can always be made anew.
 */
import { Courier } from '../../src-main/app/courier.ts'
import { Documents } from '../../src-main/app/documents.ts'
import { StateMachine } from '../../src-main/app/machine.ts'
import { makeRaft, tickMs } from '../../src-main/app/raft-settings.ts'
import { Watch } from '../../src-main/app/watch.ts'
import { Writes } from '../../src-main/app/writes.ts'
import { DiskFailed } from '../../src-main/journal/disk.ts'
import { type OpenedJournal, openJournal } from '../../src-main/journal/open.ts'
import { type OutboxOpened, openOutbox } from '../../src-main/outbox/outbox.ts'
import { emptyConfState, MemoryStorage } from '../../src-main/raft/log/memory-storage.ts'
import type { Message } from '../../src-main/raft/message.ts'
import type { RawNode } from '../../src-main/raft/raw-node.ts'
import type { Journal, Log, Machine, SnapshotReceiver } from '../../src-main/replica/ports.ts'
import { Replica } from '../../src-main/replica/replica.ts'
import { assert } from '../../src-shared/base/assert.ts'
import type { Clock } from '../../src-shared/base/clock.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Random } from '../../src-shared/base/random.ts'
import { encodeMemberContext } from '../../src-shared/members/context.ts'
import type { Applied } from '../../src-shared/notes/apply-entry.ts'
import { digestHex } from '../../src-shared/notes/digest.ts'
import type { Life } from './agenda.ts'
import type { Member } from './member.ts'
import type { Network, Station } from './network.ts'
import type { Profile } from './profile.ts'
import { witnessed } from './witnessed-journal.ts'

export interface ProcessOptions {
  readonly member: Member
  readonly life: Life
  readonly clock: Clock
  readonly random: Random
  readonly profile: Profile
  readonly network: Network
  /** Who founds the group together; empty for a newcomer. */
  readonly founders: readonly number[]
  readonly bootCounter: number
  /** The process can go no further: its disk, or a bug. */
  halted(error: unknown): void
  removed(id: number): void
  applied(id: number, applied: Applied, index: number): void
}

export interface Process extends Station {
  readonly replica: Replica
  readonly machine: StateMachine
  readonly courier: Courier
  readonly documents: Documents
  readonly writes: Writes
  readonly storage: MemoryStorage
  readonly leader: bigint
  /** What was agreed before is applied, what was pending is taken up again: it takes part. */
  readonly isOpen: boolean
}

const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

interface Opened {
  readonly journal: OpenedJournal
  readonly outbox: OutboxOpened
}

/** Refused: the disk is damaged, or fails. */
export async function openFiles(options: ProcessOptions): Promise<Outcome<Opened, string>> {
  const { member, clock, random, profile } = options
  const { segmentBytes } = profile
  const opened = await openJournal(member.disk, { clock, random, segmentBytesMax: segmentBytes })
  if (!opened.ok) {
    const { kind, file, message } = opened.error
    return fail(`${kind}: ${file}: ${message}`)
  }
  const outbox = await openOutbox(member.disk, { dir: 'outbox', garbageBytesMax: 4_096 })
  if (!outbox.ok) return fail(`outbox: ${JSON.stringify(outbox.error)}`)
  return ok({ journal: opened.value, outbox: outbox.value })
}

/** From the files to a member that takes part. */
export async function startProcess(options: ProcessOptions, files: Opened): Promise<Process> {
  const { member, life, clock, random, network, profile } = options
  const { journal: opened, outbox } = files
  const { recovered } = opened
  const client = String(member.id)
  let leader = 0n
  let isOpen = false

  const machine = new StateMachine({
    applied: (applied, index) => {
      options.applied(member.id, applied, index)
      documents.applied(applied)
    },
    settled: () => {
      documents.settle()
      watch.poke()
    },
    members: (change) => {
      for (const id of change.removed) options.removed(Number(id))
    },
    restored: () => documents.restored(),
    outdated: () => options.halted(new Error('an entry of a newer version')),
  })
  const watch = new Watch(clock)
  const courier = new Courier({
    outbox: outbox.outbox,
    clock,
    propose: (entry) => replica.propose(entry),
    blocked: () => undefined,
    failed: (error) => options.halted(error),
    idle: (open) => documents.letGo(open),
  })
  const documents = new Documents(
    {
      client,
      state: () => machine.state,
      courier,
      clock,
      random,
      stepped: () => undefined,
      changed: () => undefined,
      gaveUp: () => undefined,
    },
    options.bootCounter * 2 ** 32,
  )
  await restore(opened.journal, machine)
  member.recovered(recovered)
  const storage = storageOf(opened)
  const applied = recovered.snapshot?.index ?? 0
  if (applied > 0) member.settled(applied, digestHex(machine.state.digest))
  const raw = makeRaft({ id: client, storage, applied, random, log: quiet, founder: null })
  if (options.founders.length > 0 && storage.lastIndex() === 0) found(raw, options.founders)
  watchReadys(raw, member)

  const replica: Replica = new Replica({
    raw,
    storage,
    ports: {
      journal: witnessed(opened.journal, {
        saving: (saving) => member.saving.push(saving),
        saved: (saving) => member.saved(saving),
        refused: () => undefined,
        snapshotSaved: ({ index }) => {
          member.durable.snapshot = Math.max(member.durable.snapshot, index)
        },
      }),
      transport: {
        send: (message) => network.send(process, message),
        sendSnapshot: (message, reader, settled) =>
          network.sendSnapshot(process, message, { reader, settled }),
      },
      machine: watchedMachine(machine, member),
      log: quiet,
    },
    events: {
      changed: () => lookAround(),
      blocked: () => undefined,
      halted: (error) => options.halted(error),
    },
    nonce: random.bytes(8),
    confState: recovered.snapshot?.confState ?? emptyConfState,
    applied,
    snapshotLimits: {
      entries: profile.snapshotEntries,
      bytes: 1_000_000,
      trailingEntries: profile.trailingEntries,
      trailingBytes: 1_000_000,
    },
  })

  function lookAround(): void {
    const status = replica.basicStatus()
    const lead = status?.softState.lead ?? 0n
    if (lead !== leader) {
      leader = lead
      courier.led(lead !== 0n)
    }
    const { voters, votersOutgoing } = replica.confState
    const isAlone =
      voters.length === 1 && votersOutgoing.length === 0 && voters[0] === BigInt(client)
    const isIdle = lead === 0n && status?.softState.raftState === 'StateFollower'
    if (isAlone && isIdle) replica.campaign()
    watch.poke()
  }

  const process: Process = {
    life,
    replica,
    machine,
    courier,
    documents,
    storage,
    writes: new Writes({ documents, clock, refusal: () => null }),
    get leader() {
      return leader
    },
    get isOpen() {
      return isOpen
    },
    receive: (message) => replica.receive(message),
    unreachable: (id) => replica.reportUnreachable(BigInt(id)),
    intake: (message) => intake(opened.journal, replica, message),
    arrived: (message, staged) => replica.receiveSnapshot(message, staged),
  }
  member.process = process

  const agreed = recovered.hardState.commit
  replica.start()
  await watch.until(() => machine.index >= agreed, 2_000)
  documents.resume(outbox.pending)
  isOpen = true
  clock.every(tickMs, () => {
    replica.tick()
    courier.tick()
  })
  lookAround()
  return process
}

function storageOf({ recovered }: OpenedJournal): MemoryStorage {
  const storage = new MemoryStorage()
  const { snapshot, hardState, entries } = recovered
  if (snapshot !== null) storage.applySnapshot({ data: null, metadata: snapshot })
  storage.setHardState(hardState)
  storage.append(entries)
  return storage
}

async function restore(journal: Journal, machine: StateMachine): Promise<void> {
  const reader = await journal.openSnapshot()
  if (reader === null) return
  await machine.restore(reader.metadata, reader.records())
  await reader.close()
}

function found(raw: RawNode, founders: readonly number[]): void {
  const founded = raw.bootstrap(
    founders.map((id) => ({ id: BigInt(id), context: memberContext(id, id) })),
  )
  assert(founded.ok, 'a group is founded on an empty log')
}

export function memberContext(id: number, by: number): Uint8Array {
  const name = `device ${id}`
  return encodeMemberContext({ id: String(id), name, addresses: [], pin: null, by: String(by) })
}

/** Every Ready passes by the member on its way to the replica. */
function watchReadys(raw: RawNode, member: Member): void {
  const ready = raw.ready.bind(raw)
  raw.ready = () => {
    const next = ready()
    member.ready(next)
    return next
  }
}

function watchedMachine(machine: StateMachine, member: Member): Machine {
  const settled = (): void => member.settled(machine.index, digestHex(machine.state.digest))
  return {
    async apply(entries) {
      await machine.apply(entries)
      member.applied(entries)
      settled()
    },
    async applyConfChange(entry, change, confState) {
      await machine.applyConfChange(entry, change, confState)
      member.applied([entry])
      settled()
    },
    freeze: () => machine.freeze(),
    async restore(metadata, records) {
      await machine.restore(metadata, records)
      settled()
    },
  }
}

async function intake(
  journal: Journal,
  replica: Replica,
  message: Message,
): Promise<SnapshotReceiver | null> {
  const metadata = message.snapshot?.metadata
  if (metadata === undefined || metadata.index <= replica.applied) return null
  try {
    return await journal.receiveSnapshot(metadata)
  } catch (error) {
    if (error instanceof DiskFailed && error.failure !== 'broken') return null
    throw error
  }
}
