import { expect, test } from 'vitest'
import { destination, safeLink } from '../../../src-renderer/notes/links.ts'

const opened = [
  'https://example.org',
  'http://example.org/path?query#part',
  'https://example.org:8443/',
  'HTTPS://EXAMPLE.ORG',
  'https://sub.example.co.uk/ä',
  'mailto:mira@example.org',
  'mailto:mira@example.org?subject=Rye',
  'https://[2001:db8::1]/',
]

const refused = [
  '',
  ' ',
  'example.org',
  '//example.org',
  '/etc/passwd',
  'file:///etc/passwd',
  'FILE:///etc/passwd',
  'smb://host/share',
  '\\\\host\\share',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,hello',
  'vbscript:x',
  'blob:https://example.org/1',
  'ftp://example.org',
  'ssh://example.org',
  'ms-word:ofe|u|https://example.org',
  'search-ms:query=x',
  'vscode://file/x',
  'quire://app',
  'about:blank',
  'view-source:https://example.org',
  'chrome://settings',
  'tel:+4930123456',
  'https://',
  'http:///',
  'https://user@example.org',
  'https://example.org:secret@evil.example',
  `https://example.org/${'a'.repeat(2_048)}`,
]

test.each(opened)('%s may be opened', (address) => {
  expect(safeLink(address)).not.toBe(null)
})

test.each(refused)('%j is not opened', (address) => {
  expect(safeLink(address)).toBe(null)
})

test('the confirmation names the host, in the form that cannot be mistaken', () => {
  expect(destination(new URL('https://example.org:8443/a'))).toBe('example.org:8443')
  expect(destination(new URL('https://еxample.org'))).toMatch(/^xn--/)
  expect(destination(new URL('mailto:mira%40example.org'))).toBe('mira@example.org')
})
