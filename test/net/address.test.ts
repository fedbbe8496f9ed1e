import { expect, test } from 'vitest'
import {
  formatAddress,
  hostHeader,
  isLiteralHost,
  isLoopback,
  masked,
  parseAddress,
} from '../../src-main/net/address.ts'
import { addressLengthMax } from '../../src-shared/members/member.ts'

test('addresses are read and written the same', () => {
  for (const text of [
    '127.0.0.1:4711',
    'localhost:1',
    '[::1]:65535',
    '[fe80::1%eth0]:4711',
    '[2001:db8::7]:4711',
    'my-box.lan:80',
  ]) {
    const parsed = parseAddress(text)
    expect(parsed.ok && formatAddress(parsed.value)).toBe(text)
  }
})

test('[47] a link-local address keeps the interface that makes it useful, and only there', () => {
  const parsed = parseAddress('[fe80::aa%enp3s0]:4711')
  expect(parsed).toEqual({ ok: true, value: { host: 'fe80::aa%enp3s0', port: 4711 } })
  // To the other side our interface's name means nothing.
  expect(parsed.ok && hostHeader(parsed.value)).toBe('[fe80::aa]:4711')
  expect(parseAddress('[2001:db8::7%eth0]:1').ok).toBe(false)
})

test('what is no address is refused in words', () => {
  for (const text of [
    '',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    '127.0.0.256:1',
    '127.1:1',
    '1234:1',
    '::1:4711',
    '[::1]',
    '[127.0.0.1]:1',
    '[zz::1]:1',
    'a b:1',
    'http://x:1',
    'x/y:1',
    '-x:1',
    'user@host:1',
    `${'x'.repeat(addressLengthMax)}:1`,
  ]) {
    expect(parseAddress(text), text).toEqual({ ok: false, error: expect.any(String) })
  }
})

test('an address may be as long as a member record takes it', () => {
  const name = (length: number) => `${'x'.repeat(length - 2)}:1`
  expect(parseAddress(name(253)).ok).toBe(true)
  expect(parseAddress(name(addressLengthMax + 1)).ok).toBe(false)
})

test('only this machine is loopback', () => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', '0:0:0:0:0:0:0:1', 'localhost']) {
    expect(isLoopback(host), host).toBe(true)
  }
  for (const host of [
    '10.0.0.1',
    '128.0.0.1',
    '0.0.0.0',
    '::',
    '::2',
    'fe80::1',
    '1::1',
    'localhost.evil',
    '127.0.0.1.nip.io',
    '2001::1',
  ]) {
    expect(isLoopback(host), host).toBe(false)
  }
})

test('a Host header must be a literal address: a name may be pointed at us', () => {
  for (const header of ['127.0.0.1:1', '[::1]:1']) expect(isLiteralHost(header)).toBe(true)
  for (const header of [
    undefined,
    '',
    'localhost:1',
    'evil.example:1',
    '127.0.0.1',
    '127.0.0.1.nip.io:1',
  ]) {
    expect(isLiteralHost(header), header).toBe(false)
  }
})

test('the log is told no full address', () => {
  expect(masked('192.168.178.23:4711')).toBe('…23:4711')
  expect(masked('[fe80::1:2%eth0]:4711')).toBe('…2%eth0:4711')
  expect(masked('nonsense')).toBe('…')
})
