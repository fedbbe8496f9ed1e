/** Windows and pages are collaboration clients of their device: they send steps made at a version and are told what came between. */
import { fail, type Outcome, ok } from '../base/outcome.ts'
import { fitsInBytes } from '../base/utf8.ts'
import {
  type Document,
  isGone,
  type Refused,
  saying,
  type Update,
  withUpdates,
} from './document.ts'
import { bodyBytesMax } from './limits.ts'
import { addChanges } from './queue.ts'
import { isIdle, misfit, readChanges, splice } from './splice.ts'
import { composeAll } from './text.ts'

export type PushRefused =
  | Refused
  /** First take these in, then try again; own steps among them have arrived already. */
  | { readonly kind: 'behind'; readonly missed: readonly Update[] }
  /** The version is not known here (any more): open the note again. */
  | { readonly kind: 'reopen' }

/**
 * Takes in the steps that a window made at `version`. A window that did not see the answer pushes again: it is told that it
 * is behind and finds its own steps in what it missed.
 */
export function push(
  document: Document,
  version: number,
  updates: readonly { readonly client: string; readonly changes: unknown }[],
  at: string,
): Outcome<Document, PushRefused> {
  if (version !== document.version) {
    const missed = missedSince(document, version)
    return fail(missed === null ? { kind: 'reopen' } : { kind: 'behind', missed })
  }
  if (isGone(document)) return refuse('the note was deleted')
  let text = document.text
  const steps: Update[] = []
  for (const { client, changes: value } of updates) {
    const changes = readChanges(value)
    if (changes === null) return refuse('that is not a change')
    const fault = misfit(changes, text)
    if (fault !== null) return refuse(fault)
    const before = text.length
    text = splice(text, changes)
    if (text.length > before && !fitsInBytes(text, bodyBytesMax)) {
      return refuse('a note holds at most 8 MiB')
    }
    steps.push({ client, changes })
  }
  return ok(withEdit(document, steps, text, at))
}

function refuse(reason: string): { readonly ok: false; readonly error: Refused } {
  return fail({ kind: 'refused', reason })
}

/** What a window at `version` has not seen, in order; null when that is not known any more, or never was. */
export function missedSince(document: Document, version: number): readonly Update[] | null {
  const behind = document.version - version
  if (behind < 0 || behind > document.updates.length) return null
  return behind === 0 ? [] : document.updates.slice(-behind)
}

function withEdit(
  document: Document,
  steps: readonly Update[],
  text: string,
  at: string,
): Document {
  const shown = withUpdates(document, steps)
  const [first, ...rest] = steps.map((step) => step.changes).filter((changes) => !isIdle(changes))
  if (first === undefined) return shown
  const said = { ...saying(document), at }
  const pending = addChanges(document.pending, said, composeAll([first, ...rest]))
  return { ...shown, pending, text }
}
