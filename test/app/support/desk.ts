import { Courier } from '../../../src-main/app/courier.ts'
import { Documents } from '../../../src-main/app/documents.ts'
import { StateMachine } from '../../../src-main/app/machine.ts'
import { Writes } from '../../../src-main/app/writes.ts'
import type { Outbox } from '../../../src-main/outbox/outbox.ts'
import { openOutbox } from '../../../src-main/outbox/outbox.ts'
import type { Entry } from '../../../src-main/raft/entry.ts'
import { fail, ok } from '../../../src-shared/base/outcome.ts'
import type { UpdatesFrom } from '../../../src-shared/ipc/contract.ts'
import { decodeEntry } from '../../../src-shared/notes/command-codec.ts'
import { HandClock } from '../../net/hand-clock.ts'
import { LyingDisk } from '../../support/lying-disk.ts'
import { seededRandom } from '../../support/seeded-random.ts'

/** The log of a group in one array: what is put in is committed, whoever put it there. */
export class PaperLog {
  readonly entries: Entry[] = []

  add(data: Uint8Array): void {
    this.entries.push({ type: 'EntryNormal', term: 1, index: this.entries.length + 1, data })
  }
}

/** One device's edge without its group: documents, courier and a real outbox, on a disk and a clock of the test's. */
export class Desk {
  readonly clock = new HandClock()
  readonly machine: StateMachine
  readonly courier: Courier
  readonly documents: Documents
  readonly writes: Writes
  readonly disk: LyingDisk
  /** What left this device. */
  readonly sent: Uint8Array[] = []
  readonly steps: UpdatesFrom[] = []
  readonly blocked: (string | null)[] = []
  readonly failures: unknown[] = []
  readonly gaveUp: string[] = []
  /** False: nobody takes a proposal. */
  isLed = true

  private constructor(client: string, disk: LyingDisk, outbox: Outbox) {
    this.disk = disk
    this.machine = new StateMachine({
      applied: (applied) => this.documents.applied(applied),
      settled: () => this.documents.settle(),
      members: () => undefined,
      restored: () => this.documents.restored(),
      outdated: () => undefined,
    })
    this.courier = new Courier({
      outbox,
      clock: this.clock,
      propose: (entry) => {
        if (!this.isLed) return fail('no leader')
        this.sent.push(entry)
        return ok(undefined)
      },
      blocked: (why) => this.blocked.push(why),
      failed: (error) => this.failures.push(error),
      idle: (open) => this.documents.letGo(open),
    })
    this.documents = new Documents(
      {
        client,
        state: () => this.machine.state,
        courier: this.courier,
        clock: this.clock,
        random: seededRandom(Number(client)),
        stepped: (steps) => this.steps.push(steps),
        changed: () => undefined,
        gaveUp: (_id, reason) => this.gaveUp.push(reason),
      },
      0,
    )
    const { documents, clock } = this
    this.writes = new Writes({ documents, clock, refusal: () => null })
  }

  static async open(client: string, disk = new LyingDisk()): Promise<Desk> {
    const opened = await openOutbox(disk, { dir: 'outbox' })
    if (!opened.ok) throw new Error(JSON.stringify(opened.error))
    const desk = new Desk(client, disk, opened.value.outbox)
    desk.documents.resume(opened.value.pending)
    desk.courier.led(true)
    return desk
  }

  /** What left since the last time, as commands. */
  takeSent(): object[] {
    return this.sent.splice(0).map((entry) => {
      const decoded = decodeEntry(entry)
      if (!decoded.ok) throw new Error('not an entry')
      return decoded.value.kind === 'command' ? decoded.value.command : decoded.value.part
    })
  }

  /** The group agrees to what this device sent. */
  async commit(log: PaperLog): Promise<void> {
    for (const entry of this.sent.splice(0)) log.add(entry)
    await this.learn(log)
  }

  async learn(log: PaperLog): Promise<void> {
    await this.machine.apply(log.entries.slice(this.machine.index))
    await turns()
  }
}

/** Lets everything happen that waits for no clock. */
export async function turns(): Promise<void> {
  for (let n = 0; n < 20; n += 1) await new Promise((resume) => setImmediate(resume))
}
