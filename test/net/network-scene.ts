import type { Bye, Hello } from '../../src-main/net/hello.ts'
import { PeerListener } from '../../src-main/net/listener.ts'
import type { AskRefused, NetworkEvents, StatusTable } from '../../src-main/net/network.ts'
import { PeerNetwork } from '../../src-main/net/peer-network.ts'
import { tlsChannel } from '../../src-main/net/tls-channel.ts'
import type { Message } from '../../src-main/raft/message.ts'
import type { StagedSnapshot } from '../../src-main/replica/ports.ts'
import { fail, type Outcome } from '../../src-shared/base/outcome.ts'
import type { MemberRecord } from '../../src-shared/members/member.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { ByteReceiver } from './byte-snapshot.ts'
import { clusterA, credentialFor, member } from './examples.ts'
import type { HandClock } from './hand-clock.ts'
import { keptLog } from './kept-log.ts'

export interface Device {
  readonly id: string
  readonly listener: PeerListener
  readonly network: PeerNetwork
  /** "HOST:PORT". */
  readonly address: string
  /** What its member table says; replace and call `network.membersChanged()`. */
  table: MemberRecord[]
  readonly log: ReturnType<typeof keptLog>
  readonly heard: {
    readonly messages: Message[]
    readonly statuses: { from: string; table: StatusTable }[]
    readonly hellos: { from: string; hello: Hello }[]
    readonly presence: { id: string; online: boolean }[]
    readonly unreachable: string[]
    readonly refused: { bye: Bye; known: boolean }[]
    readonly clones: string[]
    readonly broken: unknown[]
    readonly snapshots: { message: Message; staged: StagedSnapshot }[]
    readonly receivers: ByteReceiver[]
  }
  onAsk: (from: string, name: string, body: unknown) => Promise<Outcome<unknown, AskRefused>>
}

export interface DeviceOptions {
  readonly clock: HandClock
  readonly cluster?: string
  readonly boot?: number
  readonly seed?: number
  readonly port?: number
}

const open: Device[] = []

/** A device on a loopback port of its own, with nobody in its table but itself. */
export async function device(id: string, options: DeviceOptions): Promise<Device> {
  const { clock } = options
  const log = keptLog()
  const channel = tlsChannel(clock, credentialFor(id))
  const listener = new PeerListener({
    listen: { host: '127.0.0.1', port: options.port ?? 0 },
    hosts: () => [],
    clock,
    log,
  })
  const listening = await listener.start(channel)
  if (!listening.ok) throw new Error(listening.error.message)
  const heard: Device['heard'] = {
    messages: [],
    statuses: [],
    hellos: [],
    presence: [],
    unreachable: [],
    refused: [],
    clones: [],
    broken: [],
    snapshots: [],
    receivers: [],
  }
  const events: NetworkEvents = {
    onMessage: (message) => heard.messages.push(message),
    onUnreachable: (lost) => heard.unreachable.push(lost),
    onStatus: (from, table) => heard.statuses.push({ from, table }),
    onAsk: (from, name, body) => made.onAsk(from, name, body),
    onHello: (from, hello) => heard.hellos.push({ from, hello }),
    onPresence: (of, online) => heard.presence.push({ id: of, online }),
    onRefused: (bye, known) => heard.refused.push({ bye, known }),
    onClone: (of) => heard.clones.push(of),
    receiveSnapshot: async () => {
      const receiver = new ByteReceiver()
      heard.receivers.push(receiver)
      return receiver
    },
    onSnapshot: (message, staged) => heard.snapshots.push({ message, staged }),
    onBroken: (error) => heard.broken.push(error),
  }
  const made: Device = {
    id,
    listener,
    address: `127.0.0.1:${listener.port}`,
    table: [member(id)],
    log,
    heard,
    onAsk: async () => fail({ kind: 'unknown-ask', message: 'No such question.' }),
    network: new PeerNetwork({
      self: {
        clusterId: options.cluster ?? clusterA,
        nodeId: id,
        version: '0.1.0',
        bootCounter: options.boot ?? 1,
        name: `device ${id}`,
      },
      members: () => made.table,
      listener,
      channel,
      clock,
      random: seededRandom(options.seed ?? Number(id)),
      log,
      events,
    }),
  }
  open.push(made)
  return made
}

/** Everybody in everybody's table, with addresses. */
export function acquaint(...devices: readonly Device[]): void {
  const table = devices.map((each) => member(each.id, { addresses: [each.address] }))
  for (const each of devices) each.table = [...table]
}

export async function start(...devices: readonly Device[]): Promise<void> {
  acquaint(...devices)
  for (const each of devices) each.network.start()
  await until(() => devices.every((each) => isLinkedToAll(each, devices)))
}

function isLinkedToAll(self: Device, all: readonly Device[]): boolean {
  return all.every(({ id }) => id === self.id || self.network.isOnline(id))
}

/** Stops it as a killed process would: nobody is told. */
export async function kill(victim: Device): Promise<void> {
  await victim.listener.close()
  await victim.network.close()
}

/** For `afterEach`. */
export async function closeAll(): Promise<void> {
  const devices = open.splice(0)
  await Promise.all(devices.map(({ listener }) => listener.close()))
  await Promise.all(devices.map(({ network }) => network.close()))
}

const turnsMax = 200_000

/** Lets sockets do their work until something holds; time itself stands still. */
export async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < turnsMax; turn++) {
    if (holds()) return
    await new Promise((next) => setImmediate(next))
  }
  throw new Error(`it never held: ${holds}`)
}

/** Lets what is on its way arrive: a loopback socket needs a few turns of the event loop. */
export async function quiet(turns = 300): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((next) => setImmediate(next))
}

/** Moves time in steps, with room for the sockets in between. */
export async function pass(clock: HandClock, ms: number, step = 250): Promise<void> {
  for (let left = ms; left > 0; left -= step) {
    clock.advance(Math.min(step, left))
    await quiet(20)
  }
}
