import fc from 'fast-check'
import { isInsidePair, normalise, type Section } from '../../src-shared/notes/splice.ts'
import type { Changes } from '../../src-shared/notes/text.ts'

/** Few characters, so that texts collide: line ends of every kind, pairs, a joiner, CJK. */
const pieces = [
  'a',
  'b',
  ' ',
  '\n',
  '\r',
  '\r\n',
  '😀',
  '👩‍💻',
  '漢',
  '\u0000',
  '\ufeff',
  '\u202e',
  '- [ ] ',
]

export function text(lengthMax = 12): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...pieces), { maxLength: lengthMax })
    .map((characters) => characters.join(''))
}

/** A change set that fits the text, in the one form, with any mixture of adjacent sections. */
export function changesOf(before: string): fc.Arbitrary<Changes> {
  const step = fc.record({ length: fc.nat(6), kept: fc.boolean(), insert: text(3) })
  return fc.array(step, { maxLength: 6 }).map((steps) => {
    const sections: Section[] = []
    let at = 0
    for (const { length, kept, insert } of steps) {
      let to = Math.min(before.length, at + length)
      if (isInsidePair(before, to)) to++
      sections.push(kept ? to - at : [to - at, insert])
      at = to
    }
    return normalise([...sections, before.length - at])
  })
}

export function edit(): fc.Arbitrary<{ before: string; changes: Changes }> {
  return text().chain((before) => changesOf(before).map((changes) => ({ before, changes })))
}
