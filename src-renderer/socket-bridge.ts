import {
  type Bridge,
  type CallName,
  type Calls,
  type EventName,
  type Events,
  eventNames,
} from '../src-shared/ipc/contract.ts'
import { createStore, type Readable } from './ui/store.ts'

/** How this window stands with the main process. A window of the desktop app is always `open`. */
export type Connection =
  | { readonly kind: 'connecting' }
  /** `visit` counts: at each new one everything heard before may have missed something. */
  | { readonly kind: 'open'; readonly visit: number }
  | { readonly kind: 'lost'; readonly attempt: number }
  /** It answers, but not to us: the address is from an earlier start, or has no token. */
  | { readonly kind: 'locked' }

/** The call got no answer; whether it was done is not known. */
export class LostConnection extends Error {
  override readonly name = 'LostConnection'
}

/** The main process refused the call as such: a bug in the window, or another version of it. */
export class CallProblem extends Error {
  override readonly name = 'CallProblem'
  readonly kind: string
  constructor(kind: string, message: string) {
    super(message)
    this.kind = kind
  }
}

/** The four things of the outside world that this carrier needs, handed in so that a test can own them. */
export interface SocketDoors {
  connect(token: string): SocketLike
  /** Whether the main process takes the token: a failed WebSocket does not say why it failed. */
  takesToken(token: string): Promise<'yes' | 'no' | 'silent'>
  after(ms: number, call: () => void): () => void
  /** In [0, 1). */
  random(): number
}

export interface SocketLike {
  send(data: string): void
  close(): void
  onopen: (() => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onclose: (() => void) | null
}

export interface SocketBridge extends Bridge {
  readonly connection: Readable<Connection>
  /** Does not wait for the back-off: the person, or the machine that woke, says that now is a good time. */
  retryNow(): void
  /** A new token, typed in; connects with it. */
  unlock(token: string): void
}

export const firstRetryMs = 250
export const retryMsMax = 8_000

export function socketBridge(token: string | null, doors: SocketDoors): SocketBridge {
  const carrier = new Carrier(token, doors)
  carrier.connect()
  return carrier
}

interface Waiting {
  readonly resolve: (answer: never) => void
  readonly reject: (reason: Error) => void
}

class Carrier implements SocketBridge {
  readonly connection = createStore<Connection>({ kind: 'connecting' })
  readonly #doors: SocketDoors
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Map<EventName, Set<(event: never) => void>>()
  #token: string | null
  #socket: SocketLike | null = null
  #lastId = 0
  #visits = 0
  #attempt = 0
  #cancelRetry: (() => void) | null = null

  constructor(token: string | null, doors: SocketDoors) {
    this.#token = token
    this.#doors = doors
  }

  call<N extends CallName>(name: N, ask: Calls[N]['ask']): Promise<Calls[N]['answer']> {
    const socket = this.#socket
    if (socket === null || this.connection.get().kind !== 'open') {
      return Promise.reject(new LostConnection('not connected to Quire on this machine'))
    }
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      socket.send(JSON.stringify({ id, call: name, ask }))
    })
  }

  hear<N extends EventName>(name: N, listener: (event: Events[N]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }

  connect(): void {
    this.#cancelRetry?.()
    this.#cancelRetry = null
    if (this.#token === null) return this.connection.set({ kind: 'locked' })
    const socket = this.#doors.connect(this.#token)
    this.#socket = socket
    socket.onopen = () => this.#opened(socket)
    socket.onmessage = (event) => this.#heard(event.data)
    socket.onclose = () => void this.#closed(socket)
  }

  retryNow(): void {
    if (this.#cancelRetry !== null) this.connect()
  }

  unlock(token: string): void {
    this.#token = token
    this.#attempt = 0
    this.connection.set({ kind: 'connecting' })
    this.connect()
  }

  #opened(socket: SocketLike): void {
    if (socket !== this.#socket) return
    this.#attempt = 0
    this.#visits += 1
    this.connection.set({ kind: 'open', visit: this.#visits })
  }

  async #closed(socket: SocketLike): Promise<void> {
    if (socket !== this.#socket) return
    const wasOpen = this.connection.get().kind === 'open'
    this.#socket = null
    this.#attempt += 1
    this.connection.set({ kind: 'lost', attempt: this.#attempt })
    const lost = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of lost) reject(new LostConnection('the connection was lost'))
    const token = this.#token
    const taken = wasOpen || token === null ? 'silent' : await this.#doors.takesToken(token)
    // While we asked, the person may have given another token, or asked for another try.
    if (this.#socket !== null || token !== this.#token) return
    if (taken === 'no') this.connection.set({ kind: 'locked' })
    else this.#cancelRetry = this.#doors.after(this.#backOff(), () => this.connect())
  }

  /** Doubles up to a bound; the dice keep several windows from knocking at the same moment. */
  #backOff(): number {
    const ms = Math.min(retryMsMax, firstRetryMs * 2 ** (this.#attempt - 1))
    return Math.round(ms * (0.75 + this.#doors.random() * 0.25))
  }

  #heard(data: unknown): void {
    const frame = parseFrame(data)
    if (frame === null) return
    if ('hear' in frame) {
      for (const listener of this.#listeners.get(frame.hear) ?? []) listener(frame.event as never)
      return
    }
    const waiting = this.#waiting.get(frame.id)
    this.#waiting.delete(frame.id)
    if (frame.problem === undefined) waiting?.resolve(frame.answer as never)
    else waiting?.reject(new CallProblem(frame.problem.kind, frame.problem.message))
  }
}

type Frame =
  | { readonly hear: EventName; readonly event: unknown }
  | {
      readonly id: number
      readonly answer?: unknown
      readonly problem?: { readonly kind: string; readonly message: string }
    }

/** Null for what this version of the window does not know: a newer main process may say more. */
function parseFrame(data: unknown): Frame | null {
  if (typeof data !== 'string') return null
  const frame = JSON.parse(data) as Record<string, unknown>
  if (typeof frame.hear === 'string') {
    return Object.hasOwn(eventNames, frame.hear) ? (frame as unknown as Frame) : null
  }
  return typeof frame.id === 'number' ? (frame as unknown as Frame) : null
}
