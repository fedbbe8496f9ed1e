import { expect, test } from 'vitest'
import {
  type Searchable,
  search,
  searchBudgetMs,
  searchSliceMs,
  searchTermsMax,
} from '../../src-main/app/search.ts'
import type { Clock } from '../../src-shared/base/clock.ts'
import { isWellFormed } from '../../src-shared/base/utf8.ts'

function clockThatCosts(msPerLook: number): { clock: Clock; turns: () => number } {
  let now = 0
  let turns = 0
  const clock: Clock = {
    now: () => {
      now += msPerLook
      return now
    },
    wall: () => '2026-01-01T00:00:00.000Z',
    after: (_ms, call) => {
      turns += 1
      queueMicrotask(call)
      return () => undefined
    },
    every: () => () => undefined,
  }
  return { clock, turns: () => turns }
}

const free = clockThatCosts(0).clock
const note = (id: string, title: string, text: string): Searchable => ({ id, title, text })
const ids = (hits: readonly { id: string }[]): readonly string[] => hits.map((hit) => hit.id)

test('finds whatever the case, in titles and texts, titles first', async () => {
  const notes = [note('a', 'Shopping', 'eggs and MILK'), note('b', 'Milk prices', 'nothing')]
  expect(ids(await search(notes, { query: 'milk', limit: 10 }, free))).toEqual(['b', 'a'])
})

test('finds words inside text that has no spaces', async () => {
  const notes = [note('a', '', '今日は天気がいい'), note('b', '', '明日は雨')]
  expect(ids(await search(notes, { query: '天気', limit: 10 }, free))).toEqual(['a'])
})

test('an accent is the same accent composed and decomposed', async () => {
  const notes = [note('a', '', 'cafe\u0301'), note('b', '', 'caf\u00e9')]
  expect(ids(await search(notes, { query: 'CAF\u00c9', limit: 10 }, free))).toEqual(['a', 'b'])
})

test('every term must be there, in any order', async () => {
  const notes = [note('a', 'one', 'two three'), note('b', 'one', 'three')]
  expect(ids(await search(notes, { query: 'two  one', limit: 10 }, free))).toEqual(['a'])
})

test('signs that mean something in patterns mean themselves', async () => {
  const notes = [note('a', '', 'f(x) = [a-z]* {1} ^$ | \\d'), note('b', '', 'fx')]
  for (const query of ['f(x)', '[a-z]*', '{1}', '^$', '|', '\\d', 'a-z']) {
    expect(ids(await search(notes, { query, limit: 10 }, free))).toEqual(['a'])
  }
})

test('the excerpt is one line around the first match, which it marks', async () => {
  const text = `${'x'.repeat(300)}\nfind ME\r\n${'y'.repeat(300)}`
  const [hit] = await search([note('a', '', text)], { query: 'me', limit: 1 }, free)
  expect(hit?.excerpt).not.toMatch(/[\r\n]/)
  expect(hit?.excerpt.slice(hit.from, hit.to)).toBe('ME')
  expect(hit?.excerpt.length).toBeLessThanOrEqual(160)
})

test('an excerpt never begins or ends with half a character', async () => {
  const text = `${'😀'.repeat(100)}needle${'😀'.repeat(200)}`
  for (let shift = 0; shift < 2; shift += 1) {
    const shifted = 'a'.repeat(shift) + text
    const [hit] = await search([note('a', '', shifted)], { query: 'needle', limit: 1 }, free)
    expect(isWellFormed(hit?.excerpt ?? '')).toBe(true)
  }
})

test('a name alone shows how the text begins', async () => {
  const [hit] = await search([note('a', 'Recipe', 'flour')], { query: 'recipe', limit: 1 }, free)
  expect(hit).toEqual({ id: 'a', excerpt: 'flour', from: 0, to: 0 })
})

test('no more than the limit, and nothing for an empty query', async () => {
  const notes = Array.from({ length: 50 }, (_, n) => note(String(n), '', 'same'))
  expect(await search(notes, { query: 'same', limit: 7 }, free)).toHaveLength(7)
  expect(await search(notes, { query: '  ', limit: 7 }, free)).toEqual([])
})

test(`terms beyond ${searchTermsMax} are not looked at`, async () => {
  const query = `${Array.from({ length: searchTermsMax }, () => 'same').join(' ')} absent`
  expect(await search([note('a', '', 'same')], { query, limit: 1 }, free)).toHaveLength(1)
})

test('others get a turn between slices, and the budget ends it with what there is', async () => {
  const { clock, turns } = clockThatCosts(searchSliceMs)
  const notes = Array.from({ length: 10_000 }, (_, n) => note(String(n), '', 'same'))
  const hits = await search(notes, { query: 'same', limit: 10_000 }, clock)
  expect(turns()).toBeGreaterThan(10)
  expect(hits.length).toBeGreaterThan(0)
  expect(hits.length).toBeLessThanOrEqual(searchBudgetMs / searchSliceMs)
})
