import { type MessageType, messageTypes, newMessage } from '../../../src-main/raft/message.ts'
import { isVoter } from '../../../src-main/raft/quorum/joint.ts'
import { describeProgressMap } from '../../../src-main/raft/tracker/describe.ts'
import { argumentOf, parseId, parseIndex, singleValue } from '../arguments.ts'
import type { Directive, Handler } from '../datadriven.ts'
import { describeMessage } from '../describe.ts'
import { addNodes } from './add-nodes.ts'
import { Environment, type Recipient } from './environment.ts'
import { proposeConfChange } from './propose-conf-change.ts'
import { orError, ScriptError } from './script-error.ts'
import type { ScriptedNode } from './scripted-node.ts'

type Command = (environment: Environment, directive: Directive) => void

/** A file's environment: every case goes on where the one before it left off. */
export function newInteractionRunner(): Handler {
  const environment = new Environment()
  return (directive) =>
    environment.run(() => {
      const command = commands.get(directive.command)
      if (command === undefined) throw new ScriptError('unknown command')
      command(environment, directive)
    })
}

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['_breakpoint', () => undefined],
  ['add-nodes', addNodes],
  ['campaign', (environment, directive) => orError(first(environment, directive).raw.campaign())],
  ['compact', compact],
  ['deliver-msgs', deliverMessages],
  ['forget-leader', (environment, directive) => first(environment, directive).raw.forgetLeader()],
  ['log-level', (environment, directive) => environment.output.setLevel(keyAt(directive, 0))],
  [
    'process-append-thread',
    forEach('processing append thread', (e, node) => e.processAppend(node)),
  ],
  ['process-apply-thread', forEach('processing apply thread', (e, node) => e.processApply(node))],
  ['process-ready', forEach('handling Ready', (e, node) => e.processReady(node))],
  ['propose', propose],
  ['propose-conf-change', proposeConfChange],
  ['raft-log', (environment, directive) => environment.showLog(first(environment, directive))],
  ['raft-state', showStates],
  ['report-unreachable', reportUnreachable],
  ['send-snapshot', sendSnapshot],
  ['set-randomized-election-timeout', pinElectionTimeout],
  ['stabilize', stabilize],
  ['status', showStatus],
  ['tick-election', (e, directive) => tick(first(e, directive), 'electionTick')],
  ['tick-heartbeat', (e, directive) => tick(first(e, directive), 'heartbeatTick')],
  ['transfer-leadership', transferLeadership],
])

/** What tells a file of this kind from others. */
export const interactionCommands: ReadonlySet<string> = new Set(commands.keys())

function keyAt(directive: Directive, place: number): string {
  const key = directive.args[place]?.key
  if (key === undefined) throw new Error(`${directive.command}: argument ${place + 1} is missing`)
  return key
}

function first(environment: Environment, directive: Directive): ScriptedNode {
  return environment.node(parseIndex(keyAt(directive, 0)))
}

/** The members named by bare numbers, in the order in which they are named. */
function named(environment: Environment, { args }: Directive): readonly ScriptedNode[] {
  const bare = args.filter(({ values }) => values.length === 0)
  return bare.map(({ key }) => environment.node(parseIndex(key)))
}

function pair(environment: Environment, directive: Directive): [ScriptedNode, ScriptedNode] {
  const [one, other, ...more] = named(environment, directive)
  if (one === undefined || other === undefined || more.length > 0) {
    throw new Error(`${directive.command} takes two nodes`)
  }
  return [one, other]
}

/** With several members, each has a header and its output is indented. */
function forEach(
  title: string,
  perform: (environment: Environment, node: ScriptedNode) => void,
): Command {
  return (environment, directive) => {
    const nodes = named(environment, directive)
    for (const node of nodes) {
      if (nodes.length === 1) {
        perform(environment, node)
        continue
      }
      environment.output.write(`> ${node.id} ${title}\n`)
      environment.output.indent(() => perform(environment, node))
    }
  }
}

function propose(environment: Environment, directive: Directive): void {
  const [, data, ...more] = directive.args
  if (data === undefined || data.values.length > 0 || more.length > 0) {
    throw new Error('propose takes a node and one word')
  }
  const { raw } = first(environment, directive)
  orError(raw.propose(new TextEncoder().encode(data.key)))
}

function tick({ raw, config }: ScriptedNode, unit: 'electionTick' | 'heartbeatTick'): void {
  for (let ticks = config[unit]; ticks > 0; ticks--) raw.tick()
}

function compact(environment: Environment, directive: Directive): void {
  environment.compact(first(environment, directive), parseIndex(keyAt(directive, 1)))
}

function deliverMessages(environment: Environment, directive: Directive): void {
  const recipients: Recipient[] = []
  let type: MessageType | null = null
  for (const { key, values } of directive.args) {
    if (values.length === 0) recipients.push({ id: parseId(key), drops: false })
    for (const value of values) {
      if (key === 'type') type = messageTypeOf(value)
      if (key !== 'drop') continue
      const id = parseId(value)
      if (recipients.some((recipient) => recipient.id === id)) {
        throw new Error(`messages to ${id} cannot be both delivered and dropped`)
      }
      recipients.push({ id, drops: true })
    }
  }
  if (environment.deliver(type, recipients) === 0) environment.output.write('no messages\n')
}

function messageTypeOf(name: string): MessageType {
  const type = messageTypes.find((each) => each === name)
  if (type === undefined) throw new Error(`there is no message type ${name}`)
  return type
}

function reportUnreachable(environment: Environment, directive: Directive): void {
  const [from, to] = pair(environment, directive)
  from.raw.reportUnreachable(to.id)
}

/** As if `from` led; it is not told. */
function sendSnapshot(environment: Environment, directive: Directive): void {
  const [from, to] = pair(environment, directive)
  const { hardState } = from.raw.basicStatus()
  const message = newMessage('MsgSnap', {
    from: from.id,
    to: to.id,
    term: hardState.term,
    snapshot: from.storage.latest,
  })
  environment.send(message)
  environment.output.write(describeMessage(message))
}

function pinElectionTimeout(environment: Environment, directive: Directive): void {
  const timeout = parseIndex(required(directive, 'timeout'))
  if (timeout === 0) throw new Error('a timeout takes at least one tick')
  first(environment, directive).raw.pinElectionTimeout(timeout)
}

function transferLeadership(environment: Environment, directive: Directive): void {
  const from = environment.node(parseIndex(required(directive, 'from')))
  from.raw.transferLeader(parseId(required(directive, 'to')))
}

function required(directive: Directive, key: string): string {
  const argument = argumentOf(directive, key)
  if (argument === undefined) throw new Error(`${directive.command}: ${key} is missing`)
  return singleValue(argument)
}

function stabilize(environment: Environment, directive: Directive): void {
  const { output } = environment
  const { level } = output
  const nodes = named(environment, directive)
  const wanted = argumentOf(directive, 'log-level')
  try {
    if (wanted !== undefined) output.setLevel(singleValue(wanted))
    environment.stabilize(nodes.length > 0 ? nodes : environment.nodes)
  } finally {
    output.setLevel(level)
  }
}

function showStates(environment: Environment): void {
  for (const { id, raw } of environment.nodes) {
    const { basic, configuration } = raw.status()
    const { lead, raftState } = basic.softState
    const right = isVoter(configuration.voters, id) ? 'Voter' : 'Non-Voter'
    const term = basic.hardState.term
    environment.output.write(`${id}: ${raftState} (${right}) Term:${term} Lead:${lead}\n`)
  }
}

function showStatus(environment: Environment, directive: Directive): void {
  const { progress } = first(environment, directive).raw.status()
  environment.output.write(describeProgressMap(progress))
}
