/**
 * Change sets as the state machine sees them: checked, then spliced, never merged. This is all the code for text that
 * runs on every member, so it is ours alone and small. Positions are UTF-16 units; CR is a unit like any other.
 *
 * [T1] A change set has one form: kept lengths are at least 1 and never adjacent, a replaced section takes out or puts in
 *      something, no inserted line holds "\n".
 * [T2] No boundary splits a surrogate pair and every inserted line is well-formed, so a well-formed text stays so.
 */
import { assert } from '../base/assert.ts'
import { isWellFormed } from '../base/utf8.ts'
import { sectionsMax } from './limits.ts'
import type { Changes } from './text.ts'

export type Section = Changes[number]

/** Parses what came from outside: null when it is not a change set in the one form [T1], or has over `sectionsMax` sections. */
export function parseChanges(value: unknown): Changes | null {
  if (!Array.isArray(value) || value.length > sectionsMax) return null
  let afterKept = false
  for (const section of value) {
    const isKept = typeof section === 'number'
    if (isKept ? afterKept || !isCount(section) || section === 0 : !isReplaced(section)) return null
    afterKept = isKept
  }
  return value as unknown as Changes
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isReplaced(section: unknown): boolean {
  if (!Array.isArray(section) || !isCount(section[0])) return false
  if (section.length === 1 ? section[0] === 0 : section.length === 2 && section[1] === '') {
    return false
  }
  return section.every((line, at) => at === 0 || isLine(line))
}

function isLine(line: unknown): boolean {
  return typeof line === 'string' && !line.includes('\n') && isWellFormed(line)
}

/** Parses what a window or a script sent, in any form that says the same; null when it is not a change set. */
export function readChanges(value: unknown): Changes | null {
  if (!Array.isArray(value) || value.length > 2 * sectionsMax) return null
  const isReadable = value.every(
    (section) =>
      isCount(section) ||
      (Array.isArray(section) &&
        isCount(section[0]) &&
        section.every((line, at) => at === 0 || typeof line === 'string')),
  )
  return isReadable ? parseChanges(normalise(value as unknown as Changes)) : null
}

/** The one form [T1] of a change set that says the same in another: zero lengths, adjacent kept sections, lines with "\n". */
export function normalise(changes: Changes): Changes {
  const sections: Section[] = []
  for (const section of changes) {
    if (typeof section === 'number') keep(sections, section)
    else replace(sections, section[0], insertedBy(section))
  }
  return sections
}

function keep(sections: Section[], length: number): void {
  if (length === 0) return
  const last = sections.at(-1)
  if (typeof last === 'number') sections[sections.length - 1] = last + length
  else sections.push(length)
}

function replace(sections: Section[], length: number, text: string): void {
  if (length === 0 && text === '') return
  sections.push(text === '' ? [length] : [length, ...text.split('\n')])
}

/** Replaces [from, to) of a text of `length` units; the one form, also when it changes nothing. */
export function replacing(length: number, from: number, to: number, text: string): Changes {
  assert(0 <= from && from <= to && to <= length, 'a replaced range lies inside its text')
  const sections: Section[] = []
  keep(sections, from)
  replace(sections, to - from, text)
  keep(sections, length - to)
  return sections
}

/** The text that a replaced section puts in. */
export function insertedBy(section: readonly [number, ...string[]]): string {
  return section.length === 2 ? (section[1] as string) : section.slice(1).join('\n')
}

/** True when it only keeps: a write that changes nothing. */
export function isIdle(changes: Changes): boolean {
  return changes.every((section) => typeof section === 'number')
}

export function areEqual(one: Changes, other: Changes): boolean {
  return (
    one.length === other.length &&
    one.every((section, at) => {
      const match = other[at]
      if (typeof section === 'number' || typeof match === 'number') return section === match
      return (
        section.length === match?.length && section.every((part, place) => part === match[place])
      )
    })
  )
}

export function lengthBefore(changes: Changes): number {
  let length = 0
  for (const section of changes) length += typeof section === 'number' ? section : section[0]
  return length
}

export function lengthAfter(changes: Changes): number {
  let length = 0
  for (const section of changes) {
    length += typeof section === 'number' ? section : insertedLength(section)
  }
  return length
}

export function insertedLength(section: readonly [number, ...string[]]): number {
  if (section.length === 1) return 0
  let length = section.length - 2
  for (let at = 1; at < section.length; at++) length += (section[at] as string).length
  return length
}

/** Why a change set does not fit a well-formed text; null when it does. */
export function misfit(changes: Changes, text: string): string | null {
  if (lengthBefore(changes) !== text.length) return 'the lengths do not add up to the text'
  let at = 0
  for (const section of changes) {
    if (isInsidePair(text, at)) return 'a boundary splits a surrogate pair'
    at += typeof section === 'number' ? section : section[0]
  }
  return null
}

/** True between the halves of a surrogate pair. In a well-formed text a low half never starts anything. */
export function isInsidePair(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  return unit >= 0xdc00 && unit <= 0xdfff
}

/** The text after a change set that fits. */
export function splice(text: string, changes: Changes): string {
  let at = 0
  let out = ''
  for (const section of changes) {
    if (typeof section === 'number') {
      out += text.slice(at, at + section)
      at += section
    } else {
      out += insertedBy(section)
      at += section[0]
    }
  }
  assert(at === text.length, 'a change set covers its whole text')
  return out
}

/** All that a change set takes out of the text, in order, as one string: with it the change can be undone. */
export function removedBy(text: string, changes: Changes): string {
  let at = 0
  let removed = ''
  for (const section of changes) {
    if (typeof section === 'number') at += section
    else {
      removed += text.slice(at, at + section[0])
      at += section[0]
    }
  }
  return removed
}

/** The change set that leads back, given what was removed. */
export function invert(changes: Changes, removed: string): Changes {
  const sections: Section[] = []
  let at = 0
  for (const section of changes) {
    if (typeof section === 'number') keep(sections, section)
    else {
      replace(sections, insertedLength(section), removed.slice(at, at + section[0]))
      at += section[0]
    }
  }
  assert(at === removed.length, 'what was removed belongs to the change set')
  return sections
}

/** A change set of many sections as several, one after the other, each of at most `max` sections beside its last kept one. */
export function split(changes: Changes, max: number): readonly Changes[] {
  if (changes.length <= max) return [changes]
  const pieces: Changes[] = []
  let done = 0
  let left = lengthBefore(changes)
  for (let from = 0; from < changes.length; from += max - 2) {
    const sections: Section[] = []
    keep(sections, done)
    for (const section of changes.slice(from, from + max - 2)) {
      if (typeof section === 'number') keep(sections, section)
      else sections.push(section)
      done += typeof section === 'number' ? section : insertedLength(section)
      left -= typeof section === 'number' ? section : section[0]
    }
    keep(sections, left)
    pieces.push(sections)
  }
  return pieces.filter((piece) => !isIdle(piece))
}
