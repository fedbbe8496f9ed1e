/** The local API of a real headless device, asked well and badly. */

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { HeadlessDevice, type StatusBody } from '../support/headless-device.ts'

const folder = mkdtempSync(join(tmpdir(), 'quire-api-'))
const device = new HeadlessDevice('Laptop', join(folder, 'data'))

beforeAll(async () => {
  await device.start()
}, 30_000)

afterAll(async () => {
  await device.end('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

interface Raw {
  readonly method: string
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array
}

/** A request with exactly these headers, which fetch would not send. */
function raw({
  method,
  path,
  headers = {},
  body,
}: Raw): Promise<{ status: number; type: string; body: string }> {
  const { port, hostname, host } = new URL(device.ready.api)
  return new Promise((settle, reject) => {
    const sent = request(
      { method, path, port, hostname, setHost: false, headers: { host, ...headers } },
      (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () =>
          settle({
            status: answer.statusCode ?? 0,
            type: answer.headers['content-type'] ?? '',
            body: Buffer.concat(parts).toString(),
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

function authorized(extra: Record<string, string> = {}): Record<string, string> {
  return { authorization: `Bearer ${device.apiFile().token}`, ...extra }
}

const json = { 'content-type': 'application/json' }
const unknownNote = 'f'.repeat(32)

interface Written {
  id: string
  rev: number
  index: number
}

async function newNote(body: string): Promise<Written> {
  const { status, body: written } = await device.call<Written>('POST', '/v1/notes', { body })
  expect(status).toBe(201)
  return written
}

test('api.json is the owner’s alone, and names what runs', () => {
  const file = join(device.dataDir, 'api.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(device.dataDir).mode & 0o777).toBe(0o700)
  expect(device.apiFile()).toMatchObject({
    api: device.ready.api,
    peer: device.ready.peer,
    pid: device.pid,
  })
  expect(device.apiFile().token).toMatch(/^[0-9a-f]{64}$/)
})

test('a note is made, read, replaced, patched, tagged, trashed, restored and purged', async () => {
  const { id, rev } = await newNote('# Shopping\nmilk')
  expect(rev).toBe(1)
  const path = `/v1/notes/${id}`
  const put = await device.call<Written>('PUT', path, { body: '# Shopping\nmilk and eggs' })
  expect(put).toMatchObject({ status: 200, body: { id, rev: 2 } })
  const patch = { baseRev: 1, changes: [[0, 'My '], 15] }
  expect(await device.call('PATCH', path, patch)).toMatchObject({ status: 200, body: { rev: 3 } })
  const read = await device.call('GET', path)
  expect(read).toMatchObject({
    status: 200,
    body: {
      body: 'My # Shopping\nmilk and eggs',
      rev: 3,
      title: 'My # Shopping',
      titleDerived: true,
    },
  })
  expect(read.body).not.toHaveProperty('draft')
  const edit = { title: 'List', tags: ['home', 'food'], pinned: true }
  expect(await device.call('PATCH', path, edit)).toMatchObject({ status: 200 })
  expect((await device.call('GET', path)).body).toMatchObject({
    title: 'List',
    titleDerived: false,
    tags: ['food', 'home'],
    pinned: true,
    durability: { state: 'saved', members: 1 },
  })
  const tagged = await device.call<{ notes: { id: string }[] }>('GET', '/v1/notes?tag=food')
  expect(tagged.body.notes.map((note) => note.id)).toEqual([id])
  expect(await device.call('DELETE', path)).toMatchObject({ status: 200 })
  expect((await device.call('GET', path)).body).toMatchObject({ trashed: true })
  expect(await device.call('POST', `${path}/restore`)).toMatchObject({ status: 200 })
  expect((await device.call('GET', path)).body).toMatchObject({ trashed: false })
  expect(await device.call('DELETE', `${path}?purge=true`)).toMatchObject({ status: 200 })
  expect(await device.call('GET', path)).toMatchObject({ status: 404 })
})

test('a write that changes nothing answers the rev there is', async () => {
  const { id } = await newNote('same')
  const before = await device.call<StatusBody>('GET', '/v1/status')
  expect(await device.call('PUT', `/v1/notes/${id}`, { body: 'same' })).toMatchObject({
    status: 200,
    body: { id, rev: 1 },
  })
  const after = await device.call<StatusBody>('GET', '/v1/status')
  expect(after.body.cluster.commitIndex).toBe(before.body.cluster.commitIndex)
})

test('a put with an old base is merged, never an overwriting', async () => {
  const { id } = await newNote('one\ntwo\nthree')
  await device.call('PUT', `/v1/notes/${id}`, { body: 'ONE\ntwo\nthree', baseRev: 1 })
  await device.call('PUT', `/v1/notes/${id}`, { body: 'one\ntwo\nTHREE', baseRev: 1 })
  expect((await device.call('GET', `/v1/notes/${id}`)).body).toMatchObject({
    body: 'ONE\ntwo\nTHREE',
    rev: 3,
  })
})

test('a linearizable read of a group of one answers', async () => {
  const { id } = await newNote('read me')
  expect(await device.call('GET', `/v1/notes/${id}?read=linearizable`)).toMatchObject({
    status: 200,
  })
})

test('lists are paged', async () => {
  for (let n = 0; n < 5; n++) await newNote(`page ${n}`)
  const seen = new Set<string>()
  let cursor = ''
  do {
    const path = `/v1/notes?limit=2&query=page${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`
    const { body } = await device.call<{ notes: { id: string }[]; cursor: string | null }>(
      'GET',
      path,
    )
    expect(body.notes.length).toBeLessThanOrEqual(2)
    for (const note of body.notes) {
      expect(seen.has(note.id)).toBe(false)
      seen.add(note.id)
    }
    cursor = body.cursor ?? ''
  } while (cursor !== '')
  expect(seen.size).toBe(5)
})

test('a body of 8 MiB is taken and comes back whole; one byte more is 413', async () => {
  const limit = 8 * 1024 * 1024
  const largest = 'x'.repeat(limit - 1).concat('\n')
  const { status, body } = await device.call<Written>('POST', '/v1/notes?wait=30000', {
    body: largest,
  })
  expect(status).toBe(201)
  const read = await device.call<{ body: string }>('GET', `/v1/notes/${body.id}`)
  expect(read.body.body === largest).toBe(true)
  expect((await device.call('POST', '/v1/notes', { body: `${largest}y` })).status).toBe(413)
  expect((await device.call('PUT', `/v1/notes/${body.id}`, { body: `${largest}y` })).status).toBe(
    413,
  )
  await device.call('DELETE', `/v1/notes/${body.id}?purge=true`)
}, 60_000)

const calls: readonly (readonly [string, string])[] = [
  ['GET', '/v1/status'],
  ['GET', '/v1/notes'],
  ['POST', '/v1/notes'],
  ['GET', `/v1/notes/${unknownNote}`],
  ['PUT', `/v1/notes/${unknownNote}`],
  ['PATCH', `/v1/notes/${unknownNote}`],
  ['DELETE', `/v1/notes/${unknownNote}`],
  ['POST', `/v1/notes/${unknownNote}/restore`],
  ['GET', '/v1/events'],
  ['GET', '/v1/export'],
  ['POST', '/v1/import'],
  ['GET', '/v1/discovery'],
  ['GET', '/v1/pairing'],
  ['POST', '/v1/pairing'],
  ['DELETE', '/v1/pairing'],
  ['POST', '/v1/devices'],
  ['PATCH', '/v1/devices/7'],
  ['DELETE', '/v1/devices/7'],
  ['POST', '/v1/leader'],
]

test('without the token, with another’s or with half of it every call is 401 and changes nothing', async () => {
  const before = await device.call('GET', '/v1/notes')
  for (const [method, path] of calls) {
    for (const authorization of ['', 'Bearer wrong', `Bearer ${device.apiFile().token.slice(1)}`]) {
      const answer = await raw({
        method,
        path,
        headers: authorization === '' ? {} : { authorization },
      })
      expect(answer, `${method} ${path}`).toMatchObject({
        status: 401,
        type: 'application/problem+json',
      })
    }
  }
  expect(await device.call('GET', '/v1/notes')).toEqual(before)
})

test('a foreign Origin or Host is 403 on every call and on the page, whatever the token', async () => {
  for (const [method, path] of [...calls, ['GET', '/'] as const]) {
    const foreigners: Record<string, string>[] = [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { host: 'evil.example' },
      { host: `localhost:${new URL(device.ready.api).port}` },
    ]
    for (const foreign of foreigners) {
      const answer = await raw({ method, path, headers: authorized(foreign) })
      expect(answer.status, `${method} ${path} ${JSON.stringify(foreign)}`).toBe(403)
    }
  }
})

test('malformed bodies are refused with a title and a reason, and nothing is changed', async () => {
  const { id } = await newNote('stay')
  const before = await device.call('GET', '/v1/notes')
  const bodies = [
    '',
    '{',
    '[]',
    '7',
    'null',
    '"x"',
    '{"body":7}',
    '{"body":"x","more":1}',
    '{"tags":[1]}',
    '{"tags":"x"}',
    '{"changes":[1]}',
    '{"baseRev":-1,"changes":[4]}',
    '{"baseRev":1,"changes":[-4]}',
    '{"baseRev":1,"changes":[["x"]]}',
    '{"baseRev":1.5,"changes":[4]}',
    '{"pinned":"yes"}',
    '{"code":1}',
    '{"name":""}',
    '{"deviceId":"x"}',
    '\xff',
  ]
  const writes = calls.filter(
    ([method, path]) =>
      method !== 'GET' &&
      method !== 'DELETE' &&
      path !== '/v1/import' &&
      path !== '/v1/pairing' &&
      !path.endsWith('/restore'),
  )
  for (const [method, path] of writes) {
    for (const body of bodies) {
      const at = path.replace(unknownNote, id)
      const answer = await raw({
        method,
        path: at,
        headers: authorized(json),
        body: Buffer.from(body, 'latin1'),
      })
      expect(answer.status, `${method} ${at} ${body}: ${answer.body}`).toBe(400)
      expect(answer.type).toBe('application/problem+json')
      const problem = JSON.parse(answer.body)
      expect(problem.title.length).toBeGreaterThan(5)
      expect(problem.type).toBe('urn:quire:problem:malformed')
    }
  }
  expect(await device.call('GET', '/v1/notes')).toEqual(before)
})

test('another content type is 415', async () => {
  for (const [method, path] of [
    ['POST', '/v1/notes'],
    ['PUT', `/v1/notes/${unknownNote}`],
    ['POST', '/v1/devices'],
    ['POST', '/v1/import'],
  ] as const) {
    const answer = await raw({
      method,
      path,
      headers: authorized({ 'content-type': 'text/plain' }),
      body: '{}',
    })
    expect(answer.status, path).toBe(415)
  }
})

test('what is unknown is 404, and a method that a call does not take is 405 and names those it takes', async () => {
  for (const [method, path, body] of [
    ['GET', `/v1/notes/${unknownNote}`],
    ['GET', '/v1/notes/not-an-id'],
    ['GET', '/v1/notes/..%2f..%2fapi.json'],
    ['PUT', `/v1/notes/${unknownNote}`, { body: 'x' }],
    ['PATCH', `/v1/notes/${unknownNote}`, { pinned: true }],
    ['DELETE', `/v1/notes/${unknownNote}`],
    ['POST', `/v1/notes/${unknownNote}/restore`],
    ['PATCH', '/v1/devices/7', { name: 'x' }],
    ['DELETE', '/v1/devices/7'],
    ['POST', '/v1/leader', { deviceId: '7' }],
    ['GET', '/v1/nothing'],
    ['GET', '/v2/notes'],
    ['GET', '/assets/nothing.js'],
  ] as const) {
    expect((await device.call(method, path, body)).status, `${method} ${path}`).toBe(404)
  }
  for (const [method, path] of [
    ['PUT', '/v1/notes'],
    ['POST', '/v1/status'],
    ['PATCH', '/v1/pairing'],
    ['GET', '/v1/import'],
  ] as const) {
    expect((await raw({ method, path, headers: authorized() })).status, `${method} ${path}`).toBe(
      405,
    )
  }
})

test('changes that do not fit the text are 422, and a revision that never was is refused', async () => {
  const { id } = await newNote('a🎈b')
  for (const changes of [[3], [5], [4, [1]], [[5]], [2, [1], 1], [2, [0, 'x'], 2]]) {
    const answer = await device.call('PATCH', `/v1/notes/${id}`, { baseRev: 1, changes })
    expect(answer.status, JSON.stringify(changes)).toBe(422)
  }
  const future = await device.call('PATCH', `/v1/notes/${id}`, {
    baseRev: 9,
    changes: [4, [0, 'x']],
  })
  expect([409, 422]).toContain(future.status)
  expect((await device.call('GET', `/v1/notes/${id}`)).body).toMatchObject({ body: 'a🎈b', rev: 1 })
})

test('query parameters out of their range are 400', async () => {
  for (const path of [
    '/v1/notes?limit=0',
    '/v1/notes?limit=10001',
    '/v1/notes?limit=x',
    '/v1/notes?trashed=maybe',
    `/v1/notes/${unknownNote}?read=soon`,
  ]) {
    expect((await device.call('GET', path)).status, path).toBe(400)
  }
  for (const wait of ['-1', 'x', '1.5', '60001']) {
    expect((await device.call('POST', `/v1/notes?wait=${wait}`, { body: '' })).status, wait).toBe(
      400,
    )
  }
})

test('something that is no zip is refused whole', async () => {
  const before = await device.call('GET', '/v1/notes')
  const answer = await raw({
    method: 'POST',
    path: '/v1/import',
    headers: authorized({ 'content-type': 'application/zip' }),
    body: 'this is no zip',
  })
  expect(answer.status).toBe(400)
  expect(await device.call('GET', '/v1/notes')).toEqual(before)
})

test('the page is public, strict about where things come from, and a fresh nonce each time', async () => {
  const pages = await Promise.all([1, 2].map(() => fetch(`${device.ready.api}/`)))
  const policies = pages.map((page) => page.headers.get('content-security-policy') ?? '')
  for (const policy of policies) {
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
  }
  expect(policies[0]).not.toBe(policies[1])
  const html = (await pages[0]?.text()) ?? ''
  expect(html).toMatch(/<div id="[a-z]+">/)
  expect(html).not.toContain('__CSP_NONCE__')
})

function windowSocket(
  protocols: string[],
  headers: Record<string, string> = {},
): Promise<number | 'open'> {
  const socket = new WebSocket(`${device.ready.api.replace('http', 'ws')}/v1/window`, protocols, {
    headers,
  })
  return new Promise((settle) => {
    socket.on('open', () => {
      settle('open')
      socket.close()
    })
    socket.on('unexpected-response', (_request, response) => {
      settle(response.statusCode ?? 0)
      socket.terminate()
    })
    socket.on('error', () => settle(0))
  })
}

test('the window’s socket wants the token as a subprotocol, and no foreign Origin', async () => {
  const { token } = device.apiFile()
  const good = ['quire.window.v1', `quire.token.${token}`]
  expect(await windowSocket(good)).toBe('open')
  expect(await windowSocket(good, { origin: device.ready.api })).toBe('open')
  expect(await windowSocket(good, { origin: 'http://evil.example' })).toBe(403)
  expect(await windowSocket(['quire.window.v1'])).toBe(401)
  expect(await windowSocket(['quire.window.v1', 'quire.token.wrong'])).toBe(401)
})

test('a second start on the same data directory is refused by name, and the first goes on', async () => {
  const second = new HeadlessDevice('Second', device.dataDir)
  await expect(second.start()).rejects.toThrow(/in use/i)
  expect(second.errors).toContain(device.dataDir)
  expect((await device.call('GET', '/v1/status')).status).toBe(200)
})
