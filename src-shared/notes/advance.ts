/**
 * A document takes in what the group agreed to. It goes by the note as applied, not by answers to proposals: whatever was
 * lost, repeated or restored from a snapshot, the note says which of our commands are in it and what stands around them.
 */
import { assert } from '../base/assert.ts'
import type { CreateNote, NoteCommand } from './command.ts'
import { diff } from './diff.ts'
import { type Document, type Update, withUpdates } from './document.ts'
import type { AppliedChange, Note } from './note.ts'
import { mapOver, shownLength, textAfter, withCommands } from './queue.ts'
import { areEqual, isIdle, splice } from './splice.ts'
import { type Changes, composeAll } from './text.ts'
import { union } from './union.ts'

/**
 * The document at the note's newest revision. `heard` are changes that apply made since the last time; with them, or with
 * the note's own ring, the way from the old text to the new one is exact. Where it is not known it is a bounded diff.
 */
export function advance(
  document: Document,
  note: Note,
  heard: readonly AppliedChange[] = [],
): Document {
  const { pending } = document
  // A member that lost its cache comes by old revisions again: what the screen shows is further already.
  if (note.rev < pending.base) return document
  const walk = newWalk(document, note)
  settleCreation(walk)
  const path = pathTo(note, walk.base, heard)
  if (path === null) jump(walk)
  else for (const run of runsOf(path, document.client)) takeRun(walk, run)
  settleRest(walk)
  return arrived(document, walk)
}

/** What changes on the way. `text` is the agreed text at `base`. */
interface Walk {
  readonly note: Note
  readonly client: string
  text: string
  base: number
  commands: readonly NoteCommand[]
  /** The number that the first of `commands` must have. */
  firstSeq: number
  sentCount: number
  confirmed: number
  isMapped: boolean
  readonly updates: Update[]
}

function newWalk(document: Document, note: Note): Walk {
  const { commands, base, baseText } = document.pending
  return {
    note,
    client: document.client,
    text: baseText,
    base,
    commands,
    firstSeq: commands[0]?.seq ?? 1,
    sentCount: document.pending.sentCount,
    confirmed: 0,
    isMapped: false,
    updates: [],
  }
}

/** The revisions from `base` to the note's, or null where one is missing. */
function pathTo(
  note: Note,
  base: number,
  heard: readonly AppliedChange[],
): readonly AppliedChange[] | null {
  const path: AppliedChange[] = []
  for (let rev = base + 1; rev <= note.rev; rev++) {
    const change = changeTo(rev, note.recent) ?? changeTo(rev, heard)
    if (change === undefined) return null
    path.push(change)
  }
  return path
}

/** The change that made `rev`. A list holds consecutive revisions, so its place is known by counting back from the newest. */
function changeTo(rev: number, changes: readonly AppliedChange[]): AppliedChange | undefined {
  const newest = changes.at(-1)
  if (newest === undefined) return undefined
  const guess = changes[changes.length - 1 - (newest.rev - rev)]
  return guess?.rev === rev ? guess : changes.find((change) => change.rev === rev)
}

/** A pending creation meets the note: ours, or one that was brought here under the same id from elsewhere. */
function settleCreation(walk: Walk): void {
  const [create, ...rest] = walk.commands
  if (create?.kind !== 'note.create') return
  const isOurs = walk.note.createdAt === create.at && walk.note.seqs[walk.client] !== undefined
  if (isOurs) {
    walk.text = create.body
    walk.base = 1
    confirm(walk, 1)
  } else becomeEdits(walk, create, rest)
}

/** The note is there already, so what we have is an edit of it that keeps both texts; nobody knows their common past. */
function becomeEdits(walk: Walk, create: CreateNote, rest: readonly NoteCommand[]): void {
  const { note } = walk
  const both = union(note.body, create.body)
  const { noteId, client, at, tags, title } = create
  const said = { noteId, client, at, seq: 0 }
  const edits: NoteCommand[] = [
    { kind: 'note.change', ...said, base: 0, changes: both.fromTheirs },
    { kind: 'note.tags', ...said, add: tags.filter((tag) => !note.tags.includes(tag)), remove: [] },
    { kind: 'note.title', ...said, title },
  ]
  const mapped = mapOver(rest, both.fromMine)
  const isNews = (edit: NoteCommand) =>
    (edit.kind !== 'note.tags' || edit.add.length > 0) &&
    (edit.kind !== 'note.title' || (title !== null && note.title === null)) &&
    (edit.kind !== 'note.change' || !isIdle(edit.changes))
  walk.commands = [...edits.filter(isNews), ...mapped.commands]
  walk.firstSeq = (note.seqs[client]?.seq ?? 0) + 1
  walk.sentCount = 0 // A creation travels alone, and no copy of it can be applied any more.
  walk.base = note.rev
  walk.text = note.body
  show(walk, mapped.foreign, note.id)
}

type Run = readonly [AppliedChange, ...AppliedChange[]]

/** Changes of ours one by one, those of others in one run as long as none of ours is between them. */
function runsOf(path: readonly AppliedChange[], client: string): readonly Run[] {
  const runs: [AppliedChange, ...AppliedChange[]][] = []
  for (const change of path) {
    const last = runs.at(-1)
    if (last === undefined || change.client === client || last[0].client === client) {
      runs.push([change])
    } else last.push(change)
  }
  return runs
}

function takeRun(walk: Walk, run: Run): void {
  const [first] = run
  if (first.client === walk.client && takeOwn(walk, first)) return
  const foreign = composeAll([first.changes, ...run.slice(1).map((change) => change.changes)])
  takeForeign(walk, foreign, first.client)
  walk.text = splice(walk.text, foreign)
  walk.base = (run.at(-1) as AppliedChange).rev
}

/** False when it is not the next text that we wait for: then somebody used our number, and ours is still to come. */
function takeOwn(walk: Walk, change: AppliedChange): boolean {
  const at = walk.commands.findIndex((command) => command.kind === 'note.change')
  const own = walk.commands[at]
  if (own?.kind !== 'note.change' || own.seq !== change.seq || own.at !== change.at) return false
  confirm(walk, at + 1)
  const text = splice(walk.text, change.changes)
  if (!areEqual(own.changes, change.changes)) {
    // Mapped once more after it was sent, by another version of the app; what the group has is what counts.
    takeForeign(walk, diff(splice(walk.text, own.changes), text), walk.client)
  }
  walk.text = text
  walk.base = change.rev
  return true
}

function takeForeign(walk: Walk, foreign: Changes, client: string): void {
  const mapped = mapOver(walk.commands, foreign)
  walk.commands = mapped.commands
  show(walk, mapped.foreign, client)
}

function show(walk: Walk, changes: Changes, client: string): void {
  walk.isMapped = true
  if (!isIdle(changes)) walk.updates.push({ client, changes })
}

/** The way is not known: ours that are in it are taken as said, and the rest is a bounded diff. */
function jump(walk: Walk): void {
  const last = walk.note.seqs[walk.client]
  const at = walk.commands.findIndex(({ seq, at }) => seq === last?.seq && at === last.at)
  const text = textAfter(walk.text, walk.commands.slice(0, at + 1))
  confirm(walk, at + 1)
  takeForeign(walk, diff(text, walk.note.body), walk.note.id)
  walk.text = walk.note.body
  walk.base = walk.note.rev
}

/** Metadata that was counted, and numbers that were used by something else. */
function settleRest(walk: Walk): void {
  const last = walk.note.seqs[walk.client]
  if (last === undefined) return
  const at = walk.commands.findIndex(({ seq, at }) => seq === last.seq && at === last.at)
  const counted = walk.commands.slice(0, at + 1)
  if (counted.every((command) => command.kind !== 'note.change')) confirm(walk, at + 1)
  if (walk.commands.length > 0 && walk.firstSeq <= last.seq) {
    walk.firstSeq = last.seq + 1
    walk.isMapped = true
  }
}

/** The first so many are in the group's note. */
function confirm(walk: Walk, count: number): void {
  walk.commands = walk.commands.slice(count)
  walk.firstSeq = walk.commands[0]?.seq ?? 1
  walk.sentCount = Math.max(0, walk.sentCount - count)
  walk.confirmed += count
}

function arrived(document: Document, walk: Walk): Document {
  const { note, commands, base, sentCount, isMapped, updates, confirmed } = walk
  const before = document.pending
  const isSame = confirmed === 0 && !isMapped && base === before.base
  const pending = isSame
    ? before
    : withCommands({ ...before, base, baseText: note.body, sentCount }, commands, walk.firstSeq)
  let { text } = document
  for (const update of updates) text = splice(text, update.changes)
  assert(text.length === shownLength(pending), '[D4] the screen shows what is agreed and pending')
  // The same words, and one string rather than two.
  if (pending.commands.length === 0) text = note.body
  assert(base === note.rev, '[D4] a document ends at the revision it was brought to')
  return {
    ...withUpdates(document, updates),
    note,
    pending,
    text,
    proposedSeq: isMapped ? 0 : document.proposedSeq,
    isSettled: document.isSettled || confirmed > 0,
  }
}
