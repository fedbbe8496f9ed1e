import type { CommandId } from '../src-shared/ipc/commands.ts'
import type { Bridge } from '../src-shared/ipc/contract.ts'
import type { Desktop } from '../src-shared/ipc/desktop.ts'
import { type Connection, LostConnection, type SocketLike, socketBridge } from './socket-bridge.ts'
import { createStore, type Readable } from './ui/store.ts'

export { CallProblem, type Connection, LostConnection } from './socket-bridge.ts'

/** The contract, and what depends on the shell around the window. Nothing else knows which shell that is. */
export interface WindowBridge extends Bridge {
  readonly shell: 'desktop' | 'browser'
  readonly connection: Readable<Connection>
  retryNow(): void
  /** Takes a pasted address or token. False: there is no token in it. */
  unlock(pasted: string): boolean
  /** All notes as a zip of Markdown: by a dialogue in the desktop app, as a download in a browser. */
  exportAll(): Promise<Exported>
  openLink(address: URL): void
  hearCommand(listener: (command: CommandId) => void): () => void
}

export type Exported =
  | { readonly kind: 'saved'; readonly name: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly message: string }

declare global {
  interface Window {
    readonly quire?: Desktop
  }
}

export function openBridge(): WindowBridge {
  return window.quire === undefined ? browserBridge() : desktopBridge(window.quire)
}

function desktopBridge(desktop: Desktop): WindowBridge {
  return {
    shell: 'desktop',
    connection: createStore<Connection>({ kind: 'open', visit: 1 }),
    call: (name, ask) => desktop.call(name, ask),
    hear: (name, listener) => desktop.hear(name, listener),
    retryNow: () => {},
    unlock: () => true,
    exportAll: async () => {
      const saved = await desktop.export()
      if (!saved.ok) return { kind: 'failed', message: saved.error.message }
      return saved.value === null ? { kind: 'cancelled' } : { kind: 'saved', name: saved.value }
    },
    openLink: (address) => {
      if (desktop.openLink === undefined) openOutside(address)
      else void desktop.openLink(address.href)
    },
    hearCommand: (listener) => desktop.hearCommand?.(listener) ?? (() => {}),
  }
}

const tokenKey = 'quire.token'

function browserBridge(): WindowBridge {
  let token = takeToken()
  const bridge = socketBridge(token, {
    connect: (given) => openSocket(given),
    takesToken: (given) => takesToken(given),
    after: (ms, call) => {
      const timer = setTimeout(call, ms)
      return () => clearTimeout(timer)
    },
    random: () => Math.random(),
  })
  addEventListener('online', () => bridge.retryNow())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') bridge.retryNow()
  })
  return {
    shell: 'browser',
    connection: bridge.connection,
    call: (name, ask) => bridge.call(name, ask),
    hear: (name, listener) => bridge.hear(name, listener),
    retryNow: () => bridge.retryNow(),
    unlock: (pasted) => {
      const found = tokenIn(pasted)
      if (found === null) return false
      token = found
      keepToken(found)
      bridge.unlock(found)
      return true
    },
    exportAll: () => download(token),
    openLink: openOutside,
    hearCommand: () => () => {},
  }
}

/**
 * The printed address carries the token behind the #, where it is not sent anywhere. It is taken out of sight at once, so
 * that it stays neither in the history nor in a copied address, and kept for this tab alone.
 */
function takeToken(): string | null {
  const found = tokenIn(location.hash)
  if (found === null) return sessionStorage.getItem(tokenKey)
  keepToken(found)
  history.replaceState(null, '', location.pathname + location.search)
  return found
}

function keepToken(token: string): void {
  sessionStorage.setItem(tokenKey, token)
}

/** From `http://127.0.0.1:4810/#token=…`, `#token=…` or the bare token. */
export function tokenIn(text: string): string | null {
  const inAddress = /#(?:.*&)?token=([A-Za-z0-9_-]+)/.exec(text)
  const bare = /^\s*([A-Za-z0-9_-]{16,})\s*$/.exec(text)
  return inAddress?.[1] ?? bare?.[1] ?? null
}

function openSocket(token: string): SocketLike {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const socket = new WebSocket(`${scheme}://${location.host}/v1/window`, [
    'quire.window.v1',
    `quire.token.${token}`,
  ])
  return socket as unknown as SocketLike // its handlers take an event where ours take none
}

async function takesToken(token: string): Promise<'yes' | 'no' | 'silent'> {
  try {
    const answer = await fetch('/v1/status', { headers: bearer(token) })
    return answer.status === 401 ? 'no' : 'yes'
  } catch {
    return 'silent' // nobody listens there now; that is what the back-off is for
  }
}

async function download(token: string | null): Promise<Exported> {
  try {
    const answer = await fetch('/v1/export', { headers: bearer(token ?? '') })
    if (!answer.ok) return { kind: 'failed', message: await problemIn(answer) }
    const name = `Quire notes ${new Date().toISOString().slice(0, 10)}.zip`
    saveFile(await answer.blob(), name)
    return { kind: 'saved', name }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return {
      kind: 'failed',
      message: 'The connection was lost while exporting. Nothing was changed.',
    }
  }
}

/** RFC 9457: the title is written for people. */
async function problemIn(answer: Response): Promise<string> {
  const problem: unknown = await answer.json().catch(() => null)
  const title = (problem as { title?: unknown } | null)?.title
  return typeof title === 'string' ? title : `The export was refused (${answer.status}).`
}

function saveFile(bytes: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(bytes)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

function openOutside(address: URL): void {
  window.open(address.href, '_blank', 'noopener,noreferrer')
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}

/** For callers that show a sentence either way. */
export function inWords(error: unknown): string {
  if (error instanceof LostConnection) {
    return 'Quire on this machine does not answer. Nothing was changed; try again when it is back.'
  }
  return error instanceof Error ? error.message : String(error)
}
