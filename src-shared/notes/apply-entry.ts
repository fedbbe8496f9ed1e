/** From the bytes of a committed entry to the state: commands, parts of long ones, and members that come and go. */
import type { DeviceId, NoteId } from '../base/ids.ts'
import type { DeviceCommand, DeviceResult } from '../members/command.ts'
import type { MemberContext } from '../members/context.ts'
import {
  applyDeviceCommand,
  applyMemberChange,
  isTombstoned,
  type MemberChange,
} from '../members/table.ts'
import { type AppliedNote, applyNote } from './apply.ts'
import type { LogPlace } from './chain.ts'
import type { NoteCommand } from './command.ts'
import {
  decodeEntry,
  decodeLongForm,
  type EntryRefused,
  type Part,
  seriesOf,
} from './command-codec.ts'
import type { Series } from './note.ts'
import { type NotesState, putMembers, putSeries } from './state.ts'

export type Applied =
  /** A new leader's entry without data (paper §8). */
  | { readonly kind: 'empty' }
  | ({ readonly kind: 'note'; readonly command: NoteCommand } & AppliedNote)
  | { readonly kind: 'device'; readonly command: DeviceCommand; readonly result: DeviceResult }
  /** A part was kept, or was a repeat. */
  | { readonly kind: 'part'; readonly client: DeviceId }
  /** The last part came and one before it is missing: its device proposes the command anew. */
  | {
      readonly kind: 'torn'
      readonly client: DeviceId
      readonly noteId: NoteId
      readonly seq: number
    }
  /** Nothing was changed, here and on every member: `malformed` is skipped by all, `newer` must stop this member. */
  | EntryRefused

export function applyEntry(state: NotesState, data: Uint8Array | null, at: LogPlace): Applied {
  if (data === null || data.length === 0) return { kind: 'empty' }
  const decoded = decodeEntry(data)
  if (!decoded.ok) return decoded.error
  if (decoded.value.kind === 'part') return applyPart(state, decoded.value.part, at)
  const { command } = decoded.value
  if (command.kind !== 'device.rename') return applyCommand(state, command, at)
  const { table, result } = applyDeviceCommand(state.members, command, at.index)
  putMembers(state, table)
  return { kind: 'device', command, result }
}

function applyCommand(state: NotesState, command: NoteCommand, at: LogPlace): Applied {
  return { kind: 'note', command, ...applyNote(state, command, at) }
}

/** A configuration change took effect. A device that leaves takes its half-sent command with it. */
export function applyMembers(
  state: NotesState,
  change: MemberChange,
  context: MemberContext,
  index: number,
): void {
  putMembers(state, applyMemberChange(state.members, change, context, index))
  for (const id of change.removed) putSeries(state, id, null)
}

/**
 * Parts of one series come in order or not at all: a repeat is skipped, a first part begins anew whatever was there, and
 * where one is missing the series stays as it is until its first part comes again.
 */
function applyPart(state: NotesState, part: Part, at: LogPlace): Applied {
  const { client } = part
  if (isTombstoned(state.members, client)) return { kind: 'part', client }
  const before = state.series.get(client)
  const isSame = before?.series === part.series && before.of === part.of
  if (!isSame && part.part !== 1) return missing(part)
  const kept = isSame ? before.parts.length : 0
  if (part.part <= kept) return { kind: 'part', client }
  if (part.part > kept + 1) return missing(part)
  const series = withPart(isSame ? before : null, part)
  if (part.part < part.of) {
    putSeries(state, client, series)
    return { kind: 'part', client }
  }
  putSeries(state, client, null)
  const bytes = concat(series.parts)
  if (seriesOf(bytes) !== part.series) return { kind: 'malformed', reason: 'not one series' }
  const command = decodeLongForm(bytes)
  if (!command.ok) return command.error
  if (command.value.client !== client) return { kind: 'malformed', reason: 'another client' }
  return applyCommand(state, command.value, at)
}

function missing(part: Part): Applied {
  const { client, noteId, seq } = part
  return part.part === part.of ? { kind: 'torn', client, noteId, seq } : { kind: 'part', client }
}

function withPart(before: Series | null, part: Part): Series {
  const { client, noteId, seq, series, of } = part
  return { client, noteId, seq, series, of, parts: [...(before?.parts ?? []), part.bytes] }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
