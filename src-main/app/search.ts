import type { Clock } from '../../src-shared/base/clock.ts'
import type { NoteId } from '../../src-shared/base/ids.ts'
import type { SearchHit } from '../../src-shared/ipc/contract.ts'

/** What is searched: the title as shown and the text as the screen shows it. */
export interface Searchable {
  readonly id: NoteId
  readonly title: string
  readonly text: string
}

/** Other work gets a turn this often, in ms, and the whole gives up (answering what it has) after the second. */
export const searchSliceMs = 8
export const searchBudgetMs = 2_000
export const searchTermsMax = 16
const excerptBefore = 40
const excerptMax = 160

/** Every term as a pattern: case folded by Unicode, composed and decomposed accents alike. */
export function searchTerms(query: string): readonly RegExp[] {
  const terms = query
    .trim()
    .split(/\s+/u)
    .filter((term) => term !== '')
  return terms.slice(0, searchTermsMax).map((term) => {
    const forms = new Set([term.normalize('NFC'), term.normalize('NFD')])
    return new RegExp([...forms].map(escapePattern).join('|'), 'iu')
  })
}

/** True when every term is in the title or the text. Substrings count, for not every language puts spaces between words. */
export function isFound(note: Searchable, terms: readonly RegExp[]): boolean {
  return terms.every((term) => term.test(note.title) || term.test(note.text))
}

/**
 * Notes that hold every term, those with all of them in the title first, otherwise in the order given. Slices its work,
 * so that typing goes on beside it.
 */
export async function search(
  notes: Iterable<Searchable>,
  ask: { readonly query: string; readonly limit: number },
  clock: Clock,
): Promise<readonly SearchHit[]> {
  const terms = searchTerms(ask.query)
  if (terms.length === 0) return []
  const inTitle: SearchHit[] = []
  const inText: SearchHit[] = []
  const started = clock.now()
  let sliceStarted = started
  for (const note of notes) {
    if (isFound(note, terms)) {
      const named = terms.every((term) => term.test(note.title))
      if (named) inTitle.push(hit(note, terms))
      else if (inText.length < ask.limit) inText.push(hit(note, terms))
      if (inTitle.length >= ask.limit) break
    }
    const now = clock.now()
    if (now - started >= searchBudgetMs) break
    if (now - sliceStarted < searchSliceMs) continue
    await new Promise<void>((resume) => clock.after(0, resume))
    sliceStarted = clock.now()
  }
  return [...inTitle, ...inText].slice(0, ask.limit)
}

/** The text around the first match, on one line; a note found by its title alone shows how its text begins. */
function hit(note: Searchable, terms: readonly RegExp[]): SearchHit {
  const first = firstMatch(note.text, terms)
  const at = first?.at ?? 0
  const start = whole(note.text, Math.max(0, at - excerptBefore))
  const end = whole(note.text, Math.min(note.text.length, start + excerptMax))
  const excerpt = note.text.slice(start, end).replace(/[\r\n\t]/gu, ' ')
  if (first === null) return { id: note.id, excerpt, from: 0, to: 0 }
  const to = Math.min(first.at + first.length, end)
  return { id: note.id, excerpt, from: first.at - start, to: to - start }
}

function firstMatch(
  text: string,
  terms: readonly RegExp[],
): { readonly at: number; readonly length: number } | null {
  let first: { at: number; length: number } | null = null
  for (const term of terms) {
    const match = term.exec(text)
    if (match === null) continue
    if (first === null || match.index < first.at) {
      first = { at: match.index, length: match[0].length }
    }
  }
  return first
}

/** Never between the halves of a surrogate pair. */
function whole(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  return at > 0 && unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at
}

function escapePattern(term: string): string {
  return term.replace(/[\\^$.*+?()[\]{}|/-]/gu, (unit) => (unit === '-' ? '\\x2d' : `\\${unit}`))
}
