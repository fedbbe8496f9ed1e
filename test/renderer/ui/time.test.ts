import { expect, test } from 'vitest'
import { relativeTime, relativeTimeInWords } from '../../../src-renderer/ui/time.ts'

const now = new Date(2026, 2, 14, 15, 0, 0).getTime()
const before = (minutes: number) => new Date(now - minutes * 60_000).toISOString()

test.each([
  [0, 'now', 'just now'],
  [0.99, 'now', 'just now'],
  [1, '1 min', '1 min ago'],
  [59.9, '59 min', '59 min ago'],
  [60, '1 h', '1 h ago'],
  [60 * 11, '11 h', '11 h ago'],
  [60 * 20, 'yesterday', 'yesterday'],
])('%d minutes ago is “%s”', (minutes, short, words) => {
  expect(relativeTime(before(minutes), now)).toBe(short)
  expect(relativeTimeInWords(before(minutes), now)).toBe(words)
})

test('older times are days and dates, with the year only where it is another', () => {
  expect(relativeTime(before(60 * 24 * 3), now)).toMatch(/^\w{3}$/)
  expect(relativeTime(before(60 * 24 * 30), now)).not.toMatch(/20/)
  expect(relativeTime(before(60 * 24 * 400), now)).toMatch(/2025/)
})

test('a clock that is ahead is not shown as the future', () => {
  expect(relativeTime(before(-30), now)).toBe('now')
})

test('what is no time shows nothing', () => {
  expect(relativeTime('soon', now)).toBe('')
})
