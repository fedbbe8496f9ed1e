import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { judge, parseVectors, type VectorRow } from '../../support/wire-vectors.ts'

const data = process.env.QUIRE_RAFT_DATA ?? resolve(import.meta.dirname, '../../../../shared/raft')

for (const name of ['vectors.json', 'decode_vectors.json']) {
  const file = join(data, 'wire', name)
  const rows = existsSync(file) ? parseVectors(readFileSync(file, 'utf8')) : null
  const isHere = rows === null ? 'not checked, they are not here' : 'every row holds'
  test(`the reference's ${name}: ${isHere}`, () => {
    if (rows === null) return
    if (!rows.ok) throw new Error(rows.error)
    expect(rows.value.map((row) => [row.name, judge(row)])).toEqual(
      rows.value.map((row) => [row.name, null]),
    )
  })
}

const row: VectorRow = {
  name: 'own',
  type: 'HardState',
  hex: '080710001801',
  hexPresence: '08071801',
  decoded: { Term: '7', Vote: '0', Commit: '1' },
}

test('the judge of vectors lets a true row pass', () => {
  expect(judge(row)).toBeNull()
  expect(judge({ ...row, hexPresence: '18010807' })).toBeNull()
})

test.each<[string, Partial<typeof row> & { type?: string }]>([
  ['other bytes', { hexPresence: '08081801' }],
  ['another meaning', { decoded: { Term: '8', Vote: '0', Commit: '1' } }],
  ['bytes that do not decode', { hexPresence: '08071801ff' }],
  ['a type that is not there', { type: 'Nonsense' }],
  ['a number said to be too large', { decoded: { Term: '9007199254740992' } }],
])('the judge of vectors refuses %s', (_, fields) => {
  expect(judge({ ...row, ...fields })).not.toBeNull()
})

test('the judge of vectors wants too large a number refused as such, and only such a one', () => {
  const atEdge = '08ffffffffffffff0f' // 2^53 - 1
  const beyond = '088080808080808010' // 2^53
  const decoded = { Term: '9007199254740992', Vote: '0', Commit: '0' }
  expect(judge({ ...row, hex: atEdge, hexPresence: atEdge, decoded })).not.toBeNull()
  expect(judge({ ...row, hex: beyond, hexPresence: beyond, decoded })).toBeNull()
})

test('a file that holds no vectors is refused with the reason', () => {
  expect(parseVectors('{').ok).toBe(false)
  expect(parseVectors('{}')).toEqual({ ok: false, error: 'not a list of vectors' })
  expect(parseVectors('[{"name":"x"}]')).toEqual({ ok: false, error: 'row 0 is not a vector' })
})
