import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import type { ChannelProof } from './channel.ts'
import { decodeFrame, encodeFrame, type Frame } from './frame.ts'
import type { Bye } from './hello.ts'

/** Close codes of our own (RFC 6455 §7.4.2 leaves 4000 to 4999 to applications). The bye frame says more. */
const closeCode = 4000

export interface LinkEars {
  frame(frame: Frame): void
  /** Anything at all was heard: a frame, or an answer to a ping. */
  heard(): void
  /** Last, and once. */
  closed(reason: string): void
}

/**
 * One WebSocket to another device, after the upgrade. It knows frames but not who speaks: a frame that does not decode
 * ends it here, everything else is its owner's to judge.
 */
export class Link {
  /** "HOST:PORT" of the other end of the socket. */
  readonly address: string
  readonly proof: ChannelProof
  /** We connected. */
  readonly isDialled: boolean
  readonly #socket: WebSocket
  readonly #stream: Duplex
  #ears: LinkEars | null = null
  #why = ''
  #isClosed = false
  #isDeaf = false

  constructor(options: {
    socket: WebSocket
    stream: Duplex
    address: string
    proof: ChannelProof
    isDialled: boolean
  }) {
    this.address = options.address
    this.proof = options.proof
    this.isDialled = options.isDialled
    this.#socket = options.socket
    this.#stream = options.stream
    this.#socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    this.#socket.on('pong', () => this.#ears?.heard())
    this.#socket.on('ping', () => this.#ears?.heard())
    this.#socket.on('error', (error: NodeJS.ErrnoException) =>
      this.#explain(error.code ?? error.message),
    )
    this.#socket.on('close', (code) => this.#closed(code))
  }

  /** Takes over: first by whoever checks the hello, then by the peer that it belongs to. */
  listen(ears: LinkEars): void {
    this.#ears = ears
    if (this.#isClosed) ears.closed(this.#why)
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  /** Bytes that the network has not taken yet. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount
  }

  /** `settled`: the network has taken the bytes, or never will. */
  send(frame: Uint8Array, settled?: () => void): void {
    if (this.isOpen) this.#socket.send(frame, { binary: true }, () => settled?.())
  }

  /** What is sent between the two leaves together. */
  cork(): void {
    this.#stream.cork()
  }

  uncork(): void {
    this.#stream.uncork()
  }

  ping(): void {
    if (this.isOpen) this.#socket.ping()
  }

  /** Says why, then closes. Only of a link that another one replaces is still heard what was on its way. */
  close(bye: Bye): void {
    this.#explain(bye.reason)
    if (bye.reason !== 'superseded') this.#isDeaf = true
    if (!this.isOpen) return
    this.send(encodeFrame({ kind: 'bye', bye }))
    this.#socket.close(closeCode, bye.reason)
  }

  /** For a link that answers no more, or must not be answered any more. */
  terminate(reason: string): void {
    this.#isDeaf = true
    this.#explain(reason)
    this.#socket.terminate()
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#isDeaf) return
    this.#ears?.heard()
    if (!isBinary) return this.refuse('a text message')
    const decoded = decodeFrame(data as Buffer)
    if (!decoded.ok) return this.refuse(decoded.error)
    if (decoded.value.kind === 'bye') this.#explain(`it said ${decoded.value.bye.reason}`)
    this.#ears?.frame(decoded.value)
  }

  /** It sent what no device of ours sends: nothing more of it is read. */
  refuse(what: string): void {
    this.#explain(what)
    this.close({ reason: 'malformed', from: null, index: null, by: null })
  }

  /** The first reason is the real one; what follows is the noise of closing. */
  #explain(reason: string): void {
    if (this.#why === '') this.#why = reason
  }

  #closed(code: number): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#explain(code === 1006 ? 'the connection broke' : `closed with ${code}`)
    this.#ears?.closed(this.#why)
  }
}
