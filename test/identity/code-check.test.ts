import { expect, test } from 'vitest'
import { codeCheck } from '../../src-main/identity/code-check.ts'
import type { Binding } from '../../src-main/identity/pairing.ts'
import { seededRandom } from '../support/seeded-random.ts'

const typedPin = 'a'.repeat(64)
const shownPin = 'b'.repeat(64)

function channel(secret = 1, fields: Partial<Binding> = {}): Binding {
  return {
    typedPin,
    shownPin,
    exported: (_label, length) => new Uint8Array(length).fill(secret),
    ...fields,
  }
}

function meet(typed: string, shown: string, left = channel(), right = channel()) {
  const check = codeCheck(seededRandom(1))
  const member = check.typed(typed, left)
  const newcomer = check.shown(shown, right)
  const share = newcomer.answer(member.share)
  const proof = share === null ? null : member.prove(share)
  const answer = proof === null ? null : newcomer.check(proof)
  return {
    newcomerBelieves: answer !== null,
    memberBelieves: answer !== null && member.accepts(answer),
  }
}

const nobody = { newcomerBelieves: false, memberBelieves: false }
const both = { newcomerBelieves: true, memberBelieves: true }

test('the same code at both ends of one channel convinces both', () => {
  expect(meet('482913', '482913')).toEqual(both)
})

test('a wrong code convinces nobody, and the newcomer says nothing of its own', () => {
  for (const wrong of ['482912', '382913', '000000']) expect(meet(wrong, '482913')).toEqual(nobody)
})

test('the right code over two channels (somebody sits between) convinces nobody', () => {
  expect(meet('482913', '482913', channel(1), channel(2))).toEqual(nobody)
})

test('the right code with another key at either end convinces nobody', () => {
  const other = 'c'.repeat(64)
  expect(meet('482913', '482913', channel(1, { shownPin: other }))).toEqual(nobody)
  expect(meet('482913', '482913', channel(), channel(1, { typedPin: other }))).toEqual(nobody)
  const swapped = { typedPin: shownPin, shownPin: typedPin }
  expect(meet('482913', '482913', channel(1, swapped))).toEqual(nobody)
})

test('nothing is proven before the shares were exchanged', () => {
  const check = codeCheck(seededRandom(2))
  expect(check.shown('482913', channel()).check(new Uint8Array(32))).toBe(null)
  expect(check.typed('482913', channel()).accepts(new Uint8Array(32))).toBe(false)
  expect(check.shown('482913', channel()).answer(new Uint8Array(65))).toBe(null)
})

test('a proof is believed whole or not at all, and not our own said back', () => {
  const check = codeCheck(seededRandom(3))
  const member = check.typed('482913', channel())
  const newcomer = check.shown('482913', channel())
  const share = newcomer.answer(member.share) ?? new Uint8Array(0)
  const proof = member.prove(share) ?? new Uint8Array(0)
  const answer = newcomer.check(proof) ?? new Uint8Array(0)
  expect(member.accepts(answer.subarray(0, 31))).toBe(false)
  expect(member.accepts(Uint8Array.of(...answer, 0))).toBe(false)
  expect(member.accepts(proof)).toBe(false)
  expect(newcomer.check(answer)).toBe(null)
  expect(newcomer.check(new Uint8Array(0))).toBe(null)
})

test('a channel that exports less than it was asked for is not paired over', () => {
  const check = codeCheck(seededRandom(4))
  const short = channel(1, { exported: () => new Uint8Array(31) })
  expect(() => check.typed('482913', short)).toThrow('as many bytes')
  expect(() => check.shown('482913', short)).toThrow('as many bytes')
})

test('two dozen wrong codes: none is taken, and no two shares are alike', () => {
  const check = codeCheck(seededRandom(5))
  const shares = new Set<string>()
  let believed = 0
  for (let code = 0; code < 24; code++) {
    const member = check.typed(String(code).padStart(6, '0'), channel())
    const newcomer = check.shown('482913', channel())
    const share = newcomer.answer(member.share)
    const proof = share && member.prove(share)
    if (proof && newcomer.check(proof) !== null) believed += 1
    shares.add(Buffer.from(member.share).toString('hex'))
  }
  expect(believed).toBe(0)
  expect(shares.size).toBe(24)
})
