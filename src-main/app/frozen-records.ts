import type { DeviceId } from '../../src-shared/base/ids.ts'
import type { Note } from '../../src-shared/notes/note.ts'
import { encodeNote, encodeState } from '../../src-shared/notes/snapshot-codec.ts'
import type { FrozenState } from '../../src-shared/notes/state.ts'
import type { FrozenState as Records, StateRecord } from '../replica/ports.ts'

/**
 * The state as the journal wants it: everything, or only what changed after an index, so that a snapshot costs what
 * changed. `seriesSeen` are the clients that had a half-sent command at any time since this state was loaded.
 */
export function frozenRecords(frozen: FrozenState, seriesSeen: ReadonlySet<DeviceId>): Records {
  return {
    records: (since) =>
      since === 0 ? encodeState(frozen) : changedRecords(frozen, seriesSeen, since),
  }
}

function* changedRecords(
  frozen: FrozenState,
  seriesSeen: ReadonlySet<DeviceId>,
  since: number,
): Generator<StateRecord> {
  yield* firstThree(frozen)
  for (const note of frozen.notes) if (touchedAt(note) > since) yield encodeNote(note)
  for (const purged of frozen.purged) {
    if (purged.index > since) yield { key: `note/${purged.id}`, bytes: null }
  }
  const live = new Set(frozen.series.map(({ client }) => client))
  for (const client of seriesSeen) {
    if (!live.has(client)) yield { key: `series/${client}`, bytes: null }
  }
  let place = 0
  for (const record of encodeState({ ...frozen, notes: [], purged: [] })) {
    if (place++ >= 3) yield record
  }
}

/** Head, members and purged: small, and the head counts and sums up everything. */
function* firstThree(frozen: FrozenState): Generator<StateRecord> {
  let place = 0
  for (const record of encodeState(frozen)) {
    if (place++ === 3) return
    yield record
  }
}

/** A command that changed nothing is counted all the same, and leaves its trace in the table of numbers alone. */
function touchedAt(note: Note): number {
  let index = note.index
  for (const last of Object.values(note.seqs)) index = Math.max(index, last.index)
  return index
}
