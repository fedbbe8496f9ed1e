import type { Clock } from '../../src-shared/base/clock.ts'
import type { ImportReport } from '../../src-shared/ipc/contract.ts'
import type { ExportedNote } from './export-paths.ts'
import { ImportPlanner, type ImportStep } from './import-plan.ts'
import type { Writes } from './writes.ts'
import type { ZipMember } from './zip-in.ts'

export interface IntakePorts {
  readonly clock: Clock
  readonly writes: Writes
  /** What is there already, the trash aside. */
  readonly existing: Iterable<ExportedNote>
}

/** Files that are on their way at one time: enough to share fsyncs, few enough to stay in memory. */
export const intakeAtOnceMax = 256
/** So long an import waits for the group all in all, in ms; what takes longer is saved here and arrives later. */
export const intakeWaitMs = 15_000

/** Takes in files one after the other, as creations and edits like anybody else's. */
export async function takeIn(
  ports: IntakePorts,
  members: AsyncIterable<ZipMember> | Iterable<ZipMember>,
): Promise<ImportReport> {
  const planner = new ImportPlanner(ports.existing)
  const deadline = ports.clock.now() + intakeWaitMs
  const refused: { path: string; reason: string }[] = []
  let imported = 0
  let unchanged = 0
  const underWay = new Set<Promise<void>>()

  const write = async (step: Extract<ImportStep, { kind: 'create' | 'change' }>): Promise<void> => {
    const wait = { ms: Math.max(0, deadline - ports.clock.now()) }
    const written = await (step.kind === 'create'
      ? ports.writes.create(
          { title: null, body: step.text, tags: [], pinned: false, origin: step.origin },
          wait,
        )
      : ports.writes.putText(step.noteId, { body: step.text, baseRev: null }, wait))
    if (written.ok) imported++
    else {
      const path = step.kind === 'create' ? step.origin.path : step.path
      refused.push({ path, reason: written.error.message })
    }
  }

  for await (const member of members) {
    const step = member.kind === 'file' ? planner.take(member.file) : member
    if (step.kind === 'unchanged') unchanged++
    else if (step.kind === 'refused') refused.push({ path: step.path, reason: step.reason })
    else {
      const writing = write(step)
      underWay.add(writing)
      void writing.finally(() => underWay.delete(writing))
      if (underWay.size >= intakeAtOnceMax) await Promise.race(underWay)
    }
  }
  await Promise.all(underWay)
  return { imported, unchanged, refused }
}
