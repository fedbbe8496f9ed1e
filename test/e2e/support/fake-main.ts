import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { serveAsset } from '../../../src-main/serve/assets.ts'
import { ok } from '../../../src-shared/base/outcome.ts'
import type {
  CallName,
  Calls,
  Consequences,
  Events,
  Nearby,
  PairingState,
  Status,
} from '../../../src-shared/ipc/contract.ts'
import { windowUnderTest } from './build.ts'
import { FakeNotes } from './fake-notes.ts'

/**
 * A main process in memory, behind the same address, tokens and frames as the real one. It puts the window into states
 * that real members are slow, or loath, to get into; what it does is told to it by the test.
 */
export interface FakeMain {
  readonly notes: FakeNotes
  /** What is answered and told; change it through `set`. */
  readonly state: { status: Status; pairing: PairingState; nearby: readonly Nearby[] }
  setStatus(part: Partial<Status>): void
  setPairing(part: Partial<PairingState>): void
  /** Answers instead of the usual ones. */
  readonly answers: { [N in CallName]?: (ask: Calls[N]['ask']) => Promise<Calls[N]['answer']> }
  /** Consequences of removing, whoever it is. */
  consequences: Consequences
  /** The address with its token, as it is printed. */
  readonly open: string
  /** Every call that came, in order. */
  readonly heard: { readonly call: CallName; readonly ask: unknown }[]
  /** Cuts all windows off; until `listen`, nobody gets in. */
  cut(): void
  listen(): void
  close(): Promise<void>
}

export async function startFakeMain(status: Status): Promise<FakeMain> {
  const token = randomBytes(32).toString('base64url')
  const windows = new Set<WebSocket>()
  const opened = new Map<WebSocket, Set<string>>()
  let isListening = true
  const tell = <N extends keyof Events>(hear: N, event: Events[N]): void => {
    for (const window of windows) {
      const isFor = hear !== 'note' || opened.get(window)?.has((event as Events['note']).id)
      if (isFor) window.send(JSON.stringify({ hear, event }))
    }
  }
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'quire.window.v1' })
  const server = createServer((request, response) => {
    if (!isListening) request.socket.destroy()
    else void answerPage(request, response, token)
  })
  const main: FakeMain = {
    notes: new FakeNotes(tell),
    state: { status, pairing: closedPairing, nearby: [] },
    answers: {},
    consequences: { allowed: true, lines: [] },
    heard: [],
    open: '',
    setStatus: (part) => {
      main.state.status = { ...main.state.status, ...part }
      tell('status', main.state.status)
    },
    setPairing: (part) => {
      main.state.pairing = { ...main.state.pairing, ...part }
      tell('pairing', main.state.pairing)
    },
    cut: () => {
      isListening = false
      for (const window of windows) window.terminate()
    },
    listen: () => {
      isListening = true
    },
    close: async () => {
      for (const window of windows) window.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  server.on('upgrade', (request, socket, head) => {
    const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(/, */)
    if (!isListening) return void socket.destroy()
    if (!protocols.includes(`quire.token.${token}`)) {
      socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (window) => {
      windows.add(window)
      opened.set(window, new Set())
      window.on('close', () => windows.delete(window))
      window.on(
        'message',
        (data) => void answerCall(main, window, opened.get(window)!, String(data)),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(main, { open: `http://127.0.0.1:${port}/#token=${token}` })
}

async function answerPage(request: IncomingMessage, response: ServerResponse, token: string) {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname
  if (path.startsWith('/v1/')) {
    const isAllowed = request.headers.authorization === `Bearer ${token}`
    response.writeHead(isAllowed ? 200 : 401, { 'content-type': 'application/json' })
    response.end(isAllowed ? '{}' : JSON.stringify({ title: 'the token is wrong or missing' }))
    return
  }
  const answer = await serveAsset(windowUnderTest, path)
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  response.end(Buffer.from(await answer.arrayBuffer()))
}

async function answerCall(main: FakeMain, window: WebSocket, open: Set<string>, data: string) {
  const { id, call, ask } = JSON.parse(data) as { id: number; call: CallName; ask: never }
  main.heard.push({ call, ask })
  if (call === 'notes/open') open.add((ask as { id: string }).id)
  if (call === 'notes/close') open.delete((ask as { id: string }).id)
  window.send(JSON.stringify({ id, answer: await answerOf(main, call, ask) }))
}

/** What the main process would say, whatever carries it. */
export async function answerOf(main: FakeMain, call: CallName, ask: unknown): Promise<unknown> {
  const special = main.answers[call] as ((ask: unknown) => Promise<unknown>) | undefined
  const usual = usualAnswers(main)[call] as (ask: unknown) => unknown
  return special === undefined ? usual(ask) : await special(ask)
}

const closedPairing: PairingState = {
  state: 'closed',
  code: null,
  expiresAt: null,
  address: null,
  detail: null,
}

function usualAnswers(main: FakeMain): {
  [N in CallName]: (ask: Calls[N]['ask']) => Calls[N]['answer']
} {
  const { notes, state } = main
  return {
    'status/get': () => state.status,
    'notes/list': () => notes.list(),
    'notes/open': ({ id }) => notes.open(id),
    'notes/close': () => null,
    'notes/push': (push) => notes.push(push),
    'notes/pull': ({ id, version }) => notes.pull(id, version),
    'notes/create': ({ title, body, tags }) => {
      const id = notes.add({
        body: body ?? '',
        ...(title === undefined ? {} : { title }),
        ...(tags === undefined ? {} : { tags }),
      })
      const note = notes.all.get(id)
      if (note !== undefined) notes.touched(note)
      return ok({ id })
    },
    'notes/edit': (edit) => notes.edit(edit),
    'notes/trash': ({ ids }) => notes.setTrashed(ids, true),
    'notes/restore': ({ ids }) => notes.setTrashed(ids, false),
    'notes/purge': ({ ids }) => notes.purge(ids),
    'notes/search': ({ query, limit }) => notes.search(query, limit),
    'files/import': ({ files }) => ok(importAll(main, files)),
    'devices/nearby': () => state.nearby,
    'devices/add': () => ok({ id: '44' }),
    'devices/rename': ({ id, name }) => {
      const members = state.status.members.map((member) =>
        member.id === id ? { ...member, name } : member,
      )
      main.setStatus({ members })
      return ok(null)
    },
    'devices/consequences': () => main.consequences,
    'devices/remove': () => ok(null),
    'devices/lead': ({ id }) => {
      const members = state.status.members.map((member) => ({
        ...member,
        isLeader: member.id === id,
      }))
      main.setStatus({ members, cluster: { ...state.status.cluster, leaderId: id } })
      return ok(null)
    },
    'pairing/get': () => state.pairing,
    'pairing/open': () => {
      const expiresAt = new Date(Date.now() + 120_000).toISOString()
      main.setPairing({ state: 'waiting', code: '481906', expiresAt, address: '127.0.0.1:47110' })
      return ok(state.pairing)
    },
    'pairing/close': () => {
      main.setPairing(closedPairing)
      return state.pairing
    },
  }
}

function importAll(main: FakeMain, files: Calls['files/import']['ask']['files']) {
  const refused: { path: string; reason: string }[] = []
  let imported = 0
  for (const { path, bytes } of files) {
    if (/\.md$/.test(path)) {
      const id = main.notes.add({ body: Buffer.from(bytes, 'base64').toString('utf8') })
      const note = main.notes.all.get(id)
      if (note !== undefined) main.notes.touched(note)
      imported += 1
    } else {
      refused.push({ path, reason: 'not Markdown' })
    }
  }
  return { imported, unchanged: 0, refused }
}
