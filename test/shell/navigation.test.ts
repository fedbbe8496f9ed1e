import { expect, test } from 'vitest'
import {
  assetName,
  isOwnFrame,
  mayNavigate,
  outsideAddress,
} from '../../src-main/shell/navigation.ts'

test('only the main frame of our own page may ask', () => {
  expect(isOwnFrame({ url: 'quire://window/', parent: null })).toBe(true)
  expect(isOwnFrame({ url: 'quire://window/', parent: {} })).toBe(false)
  expect(isOwnFrame({ url: 'quire://other/', parent: null })).toBe(false)
  expect(isOwnFrame({ url: 'https://window/', parent: null })).toBe(false)
  expect(isOwnFrame({ url: 'quire://window.evil.example/', parent: null })).toBe(false)
  expect(isOwnFrame({ url: 'about:blank', parent: null })).toBe(false)
  expect(isOwnFrame(null)).toBe(false)
})

test('a window shows the app and nothing else', () => {
  expect(mayNavigate('quire://window/')).toBe(true)
  expect(mayNavigate('quire://window/#here')).toBe(true)
  for (const other of [
    'https://example.org/',
    'file:///etc/passwd',
    'quire://window/assets/main.js',
    'quire://elsewhere/',
    'javascript:alert(1)',
    'data:text/html,hi',
    'not an address',
  ]) {
    expect(mayNavigate(other), other).toBe(false)
  }
})

test('https, http and mailto links go outside, as they were meant', () => {
  for (const [text, address] of [
    ['https://example.org/a?b#c', 'https://example.org/a?b#c'],
    ['http://192.0.2.1:8080', 'http://192.0.2.1:8080/'],
    ['mailto:ann@example.org', 'mailto:ann@example.org'],
    ['HTTPS://EXAMPLE.ORG', 'https://example.org/'],
  ] as const) {
    expect(outsideAddress(text)).toBe(address)
  }
})

test('no link starts a program, opens a file or reaches for a share', () => {
  for (const text of [
    'file:///etc/passwd',
    'file://server/share',
    '\\\\server\\share',
    '//server/share',
    'smb://server/share',
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'ms-msdt:/id',
    'search-ms:query=x',
    'quire://window/',
    'ftp://example.org/',
    'tel:112',
    'about:blank',
    'chrome://settings',
    'blob:https://example.org/1',
    'ssh://example.org',
    'https:',
    'https://',
    'https://user:pass@example.org/',
    'https://google.com@evil.example/',
    ' ',
    '',
    'example.org',
    'x'.repeat(9_000),
    `https://example.org/${'x'.repeat(9_000)}`,
    7,
    null,
    undefined,
    { href: 'https://example.org' },
  ]) {
    expect(outsideAddress(text), String(text).slice(0, 60)).toBe(null)
  }
})

test('addresses of ours name files of the built window, never a way out of it', () => {
  expect(assetName('quire://window/')).toBe('index.html')
  expect(assetName('quire://window/assets/main-a1_B2.js')).toBe('assets/main-a1_B2.js')
  // The dots of a path are worked off by the URL itself and never lead above its root.
  expect(assetName('quire://window/../secret.txt')).toBe('secret.txt')
  expect(assetName('quire://window/%2e%2e/secret.txt')).toBe('secret.txt')
  for (const address of [
    'quire://window/assets/..%2f..%2fsecret.txt',
    'quire://window/assets/%00.js',
    'quire://window/.hidden',
    'quire://window//etc/passwd.txt',
    'quire://window/assets/',
    'quire://elsewhere/index.html',
    'https://window/index.html',
    'nonsense',
  ]) {
    expect(assetName(address), address).toBe(null)
  }
})
