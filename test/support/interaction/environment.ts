import type { HardState, NodeId, Snapshot } from '../../../src-main/raft/entry.ts'
import { isStorageThread, type Message, type MessageType } from '../../../src-main/raft/message.ts'
import { describeEntries, describeMessage, describeReady } from '../describe.ts'
import { Output } from './output.ts'
import { describeRefusal, orError, ScriptError } from './script-error.ts'
import { type NodeTemplate, ScriptedNode } from './scripted-node.ts'

export interface Recipient {
  readonly id: NodeId
  readonly drops: boolean
}

/** Members in one process, with every message between them in one list. Nothing moves by itself. */
export class Environment {
  readonly output = new Output()
  readonly nodes: ScriptedNode[] = []
  #messages: Message[] = []

  addNodes(count: number, template: NodeTemplate, snapshot: Snapshot): void {
    for (let added = 0; added < count; added++) {
      this.nodes.push(new ScriptedNode(BigInt(this.nodes.length + 1), template, snapshot))
    }
  }

  /** The `n`-th member that was created, counted from 1. */
  node(n: number): ScriptedNode {
    const node = this.nodes[n - 1]
    if (node === undefined) throw new Error(`there is no node ${n}`)
    return node
  }

  send(message: Message): void {
    this.#messages.push(message)
  }

  /** How many messages were taken out of the list. */
  deliver(type: MessageType | null, recipients: readonly Recipient[]): number {
    let taken = 0
    for (const { id, drops } of recipients) {
      const wanted = (message: Message) =>
        message.to === id && (type === null || message.type === type) && !(drops && isOwn(message))
      const messages = this.#messages.filter(wanted)
      this.#messages = this.#messages.filter((message) => !wanted(message))
      taken += messages.length
      for (const message of messages) {
        this.output.write(`${drops ? 'dropped: ' : ''}${describeMessage(message)}\n`)
        if (!drops) this.#step(message)
      }
    }
    return taken
  }

  #step(message: Message): void {
    const stepped = this.node(Number(message.to)).raw.step(message)
    if (!stepped.ok) this.output.write(`${describeRefusal(stepped.error)}\n`)
  }

  processReady(node: ScriptedNode): void {
    const ready = node.raw.ready()
    this.output.write(describeReady(ready))
    if (!node.isAsync) {
      node.write(ready.hardState, ready.entries, ready.snapshot)
      node.apply(ready.committedEntries)
    }
    for (const message of ready.messages) {
      if (message.type === 'MsgStorageAppend') node.appendWork.push(message)
      else if (message.type === 'MsgStorageApply') node.applyWork.push(message)
      else this.send(message)
    }
    if (!node.isAsync) node.raw.advance()
  }

  processAppend(node: ScriptedNode): void {
    const work = node.appendWork.shift()
    if (work === undefined) return this.output.write('no append work to perform')
    this.#process(work, () => {
      const { term, vote, commit } = work
      const hardState: HardState = { term, vote, commit }
      const isEmpty = term === 0 && vote === 0n && commit === 0
      node.write(isEmpty ? null : hardState, work.entries, work.snapshot)
    })
  }

  processApply(node: ScriptedNode): void {
    const work = node.applyWork.shift()
    if (work === undefined) return this.output.write('no apply work to perform')
    this.#process(work, () => node.apply(work.entries))
  }

  #process(work: Message, perform: () => void): void {
    this.output.write(`Processing:\n${describeMessage({ ...work, responses: [] })}\n`)
    perform()
    this.output.write('Responses:\n')
    for (const response of work.responses) {
      this.output.write(`${describeMessage(response)}\n`)
      this.send(response)
    }
  }

  /** Lets these members work and talk to each other until nothing is left to do. */
  stabilize(nodes: readonly ScriptedNode[]): void {
    while (this.#pass(nodes));
  }

  #pass(nodes: readonly ScriptedNode[]): boolean {
    let isBusy = false
    const work = (node: ScriptedNode, title: string, perform: () => void): void => {
      isBusy = true
      this.output.write(`> ${node.id} ${title}\n`)
      perform()
    }
    for (const node of nodes) {
      if (!node.raw.hasReady()) continue
      work(node, 'handling Ready', () => this.output.indent(() => this.processReady(node)))
    }
    for (const node of nodes) {
      const { id } = node
      if (!this.#messages.some(({ to }) => to === id)) continue
      work(node, 'receiving messages', () =>
        this.output.indent(() => this.deliver(null, [{ id, drops: false }])),
      )
    }
    for (const node of nodes) {
      if (node.appendWork.length === 0) continue
      work(node, 'processing append thread', () => {
        while (node.appendWork.length > 0) this.output.indent(() => this.processAppend(node))
      })
    }
    for (const node of nodes) {
      if (node.applyWork.length === 0) continue
      work(node, 'processing apply thread', () => {
        while (node.applyWork.length > 0) this.output.indent(() => this.processApply(node))
      })
    }
    return isBusy
  }

  compact(node: ScriptedNode, index: number): void {
    orError(node.storage.compact(index))
    this.showLog(node)
  }

  showLog({ storage }: ScriptedNode): void {
    const first = storage.firstIndex()
    const last = storage.lastIndex()
    if (last < first) {
      this.output.write(`log is empty: first index=${first}, last index=${last}`)
      return
    }
    const entries = orError(storage.entries(first, last + 1, Number.POSITIVE_INFINITY))
    this.output.write(describeEntries(entries))
  }

  /** One command: what it prints, or the error that ended it. */
  run(command: () => void): string {
    try {
      command()
    } catch (error) {
      if (error instanceof ScriptError) return this.output.take(error.message)
      this.output.take(null)
      throw error
    }
    return this.output.take(null)
  }
}

/** Messages of a member to itself and to its storage are never lost. */
function isOwn({ from, to }: Message): boolean {
  return from === to || isStorageThread(from) || isStorageThread(to)
}
