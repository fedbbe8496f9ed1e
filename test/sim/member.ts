/** One member through all its lives: its disk, what its checkers know of it, and the process that runs just now. */
import type { ConfState, Entry, HardState } from '../../src-main/raft/entry.ts'
import { emptyConfState } from '../../src-main/raft/log/memory-storage.ts'
import type { BasicStatus } from '../../src-main/raft/raw-node.ts'
import type { Ready } from '../../src-main/raft/ready.ts'
import type { Recovered } from '../../src-main/replica/ports.ts'
import { LyingDisk } from '../support/lying-disk.ts'
import type { Life } from './agenda.ts'
import { LogModel } from './checkers/log-model.ts'
import type { Checker, Saving, Witnessed } from './checkers/witness.ts'
import type { Process } from './process.ts'

/** up: its process runs or starts. down: it will start again. refused: its disk is damaged. gone: removed, or never to come back. */
export type Standing = 'up' | 'down' | 'refused' | 'gone'

export class Member implements Witnessed {
  readonly id: number
  readonly isFounder: boolean
  readonly believed = new LogModel()
  readonly durable: { hardState: HardState; readonly log: LogModel; snapshot: number } = {
    hardState: { term: 0, vote: 0n, commit: 0 },
    log: new LogModel(),
    snapshot: 0,
  }
  saving: Saving[] = []
  isLeader = false
  term = 0
  disk: LyingDisk
  life: Life | null = null
  process: Process | null = null
  standing: Standing = 'down'
  /** A bit of its disk has flipped: it may refuse to start, and edits that only it had may be lost. */
  isRotten = false
  /** It has just won an election. */
  onElected: () => void = () => undefined
  readonly #checkers: readonly Checker[]

  constructor(
    id: number,
    options: { sectorBytes: number; isFounder: boolean; checkers: readonly Checker[] },
  ) {
    this.id = id
    this.isFounder = options.isFounder
    this.disk = new LyingDisk(options.sectorBytes)
    this.#checkers = options.checkers
  }

  status(): BasicStatus | null {
    return this.process?.replica.basicStatus() ?? null
  }

  confState(): ConfState {
    return this.process?.replica.confState ?? emptyConfState
  }

  recovered(recovered: Recovered): void {
    for (const checker of this.#checkers) checker.recovered?.(this, recovered)
    const { hardState, snapshot, entries } = recovered
    const { index, term } = snapshot ?? { index: 0, term: 0 }
    for (const log of [this.believed, this.durable.log]) {
      log.restart(index, term)
      log.append(entries, false)
    }
    this.durable.hardState = hardState
    this.durable.snapshot = index
    this.saving = []
    this.isLeader = false
    this.term = hardState.term
  }

  ready(ready: Ready): void {
    if (this.#isDead()) return
    for (const checker of this.#checkers) checker.willReady?.(this, ready)
    if (ready.snapshot !== null) {
      const { index, term } = ready.snapshot.metadata
      this.believed.restart(index, term)
    }
    this.believed.append(ready.entries, false)
    const wasLeader = this.isLeader
    if (ready.softState !== null) this.isLeader = ready.softState.raftState === 'StateLeader'
    this.term = ready.hardState?.term ?? this.term
    for (const checker of this.#checkers) checker.ready?.(this, ready)
    if (this.isLeader && !wasLeader) this.onElected()
  }

  saved(saving: Saving): void {
    this.saving = this.saving.filter((each) => each !== saving)
    const { durable } = this
    if (saving.kind === 'install') {
      const { index, term } = saving.metadata
      durable.log.restart(index, term)
      durable.snapshot = index
    } else {
      durable.log.append(saving.entries, true)
      durable.hardState = saving.hardState ?? durable.hardState
    }
    for (const checker of this.#checkers) checker.saved?.(this, saving)
  }

  applied(entries: readonly Entry[]): void {
    if (this.#isDead()) return
    for (const checker of this.#checkers) checker.applied?.(this, entries)
  }

  settled(index: number, digest: string): void {
    if (this.#isDead()) return
    for (const checker of this.#checkers) checker.settled?.(this, { index, digest })
  }

  /** What a process thinks of after the power went is nobody's any more. */
  #isDead(): boolean {
    return this.life?.isAlive !== true
  }
}
