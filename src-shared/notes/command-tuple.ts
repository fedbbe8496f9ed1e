/**
 * A command as a JSON array: short enough that a burst of typing makes an entry of some 120 bytes, and readable in a dump.
 * Part of the format and of the notes' hash chains: a tuple that was ever written keeps its meaning for good.
 */
import { type DeviceId, isDeviceId, isNoteId, type NoteId } from '../base/ids.ts'
import { isCount, isWallTime } from '../base/json.ts'
import type { DeviceCommand } from '../members/command.ts'
import type { NoteCommand } from './command.ts'
import type { Origin } from './note.ts'
import { parseChanges } from './splice.ts'

export type Command = NoteCommand | DeviceCommand
export type CommandTuple = readonly [string, ...unknown[]]

export function commandToTuple(command: Command): CommandTuple {
  if (command.kind === 'device.rename') {
    return ['rename', command.id, command.name, command.base, command.client, command.at]
  }
  const { noteId, client, seq, at } = command
  const said = (kind: string, ...rest: readonly unknown[]): CommandTuple => [
    kind,
    noteId,
    client,
    seq,
    at,
    ...rest,
  ]
  switch (command.kind) {
    case 'note.create': {
      const { title, body, tags, pinned, origin } = command
      const from = origin === null ? null : [origin.path, origin.bom]
      return said('create', title, body, tags, pinned, from)
    }
    case 'note.change':
      return said('change', command.base, command.changes)
    case 'note.title':
      return said('title', command.title)
    case 'note.pin':
      return said('pin', command.pinned)
    case 'note.tags':
      return said('tags', command.add, command.remove)
    case 'note.trash':
      return said('trash')
    case 'note.restore':
      return said('restore')
    case 'note.purge':
      return said('purge')
  }
}

/** Null when it is not a command of this version. */
export function commandFromTuple(value: unknown): Command | null {
  if (!Array.isArray(value)) return null
  const [kind, ...fields] = value as readonly unknown[]
  if (kind === 'rename') return renameFrom(fields)
  const [noteId, client, seq, at, ...rest] = fields
  if (!isIds(noteId, client) || !isCount(seq) || seq === 0 || !isWallTime(at)) return null
  const said = { noteId: noteId as NoteId, client: client as DeviceId, seq, at }
  return noteCommandFrom(kind, said, rest)
}

interface Said {
  readonly noteId: NoteId
  readonly client: DeviceId
  readonly seq: number
  readonly at: string
}

function noteCommandFrom(kind: unknown, said: Said, rest: readonly unknown[]): NoteCommand | null {
  const [first, second] = rest
  switch (kind) {
    case 'create':
      return createFrom(said, rest)
    case 'change': {
      const changes = parseChanges(second)
      if (rest.length !== 2 || !isCount(first) || changes === null) return null
      return { kind: 'note.change', ...said, base: first, changes }
    }
    case 'title':
      if (rest.length !== 1 || !isTitle(first)) return null
      return { kind: 'note.title', ...said, title: first }
    case 'pin':
      if (rest.length !== 1 || typeof first !== 'boolean') return null
      return { kind: 'note.pin', ...said, pinned: first }
    case 'tags':
      if (rest.length !== 2 || !isTexts(first) || !isTexts(second)) return null
      return { kind: 'note.tags', ...said, add: first, remove: second }
    case 'trash':
    case 'restore':
    case 'purge':
      return rest.length === 0 ? { kind: `note.${kind}`, ...said } : null
    default:
      return null
  }
}

function createFrom(said: Said, rest: readonly unknown[]): NoteCommand | null {
  const [title, body, tags, pinned, from] = rest
  const origin = originFrom(from)
  if (rest.length !== 5 || origin === undefined) return null
  if (!isTitle(title) || typeof body !== 'string') return null
  if (!isTexts(tags) || typeof pinned !== 'boolean') return null
  return { kind: 'note.create', ...said, title, body, tags, pinned, origin }
}

function originFrom(value: unknown): Origin | null | undefined {
  if (value === null) return null
  if (!Array.isArray(value) || value.length !== 2) return undefined
  const [path, bom] = value as readonly unknown[]
  return typeof path === 'string' && typeof bom === 'boolean' ? { path, bom } : undefined
}

function renameFrom(fields: readonly unknown[]): DeviceCommand | null {
  const [id, name, base, client, at] = fields
  if (fields.length !== 5 || typeof id !== 'string' || !isDeviceId(id)) return null
  if (typeof name !== 'string' || !isCount(base) || !isWallTime(at)) return null
  if (typeof client !== 'string' || !isDeviceId(client)) return null
  return { kind: 'device.rename', id, name, base, client, at }
}

function isIds(noteId: unknown, client: unknown): boolean {
  if (typeof noteId !== 'string' || typeof client !== 'string') return false
  return isNoteId(noteId) && isDeviceId(client)
}

function isTitle(value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}
