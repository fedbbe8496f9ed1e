import { expect, test } from 'vitest'
import { checkBearer, checkOrigin, isToken } from '../../src-main/serve/gate.ts'

const gate = { hosts: ['127.0.0.1:4810'], token: 'a'.repeat(64) }

test('Host must be the literal address', () => {
  expect(checkOrigin(gate, '127.0.0.1:4810', null)).toBe('pass')
  for (const host of [
    null,
    '',
    'localhost:4810',
    '127.0.0.1',
    '127.0.0.1:4811',
    'evil.example:4810',
  ]) {
    expect(checkOrigin(gate, host, null), String(host)).toBe('foreign-host')
  }
})

test('an Origin, where there is one, must be our own', () => {
  expect(checkOrigin(gate, '127.0.0.1:4810', 'http://127.0.0.1:4810')).toBe('pass')
  for (const origin of [
    'null',
    'http://evil.example',
    'https://127.0.0.1:4810',
    'http://127.0.0.1:1',
  ]) {
    expect(checkOrigin(gate, '127.0.0.1:4810', origin), origin).toBe('foreign-origin')
  }
})

test('the token must be whole and ours', () => {
  expect(checkBearer(gate, `Bearer ${gate.token}`)).toBe('pass')
  expect(checkBearer(gate, `bearer ${gate.token}`)).toBe('pass')
  for (const given of [
    null,
    '',
    'Bearer',
    `Basic ${gate.token}`,
    `Bearer ${gate.token}a`,
    'Bearer aa',
    gate.token,
  ]) {
    expect(checkBearer(gate, given), String(given)).toBe('no-token')
  }
  expect(isToken(gate, '')).toBe(false)
})
