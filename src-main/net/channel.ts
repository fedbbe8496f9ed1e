import type { Server, ServerOptions } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Outcome } from '../../src-shared/base/outcome.ts'

/**
 * How bytes between two devices are protected, and what that proves about the other end: that it holds the key behind
 * `pin`. The rest of the room knows nothing of certificates.
 */
export interface SecureChannel {
  /** A server that does not listen yet; the options are ours and must be kept. */
  createServer(options: ServerOptions): Server
  /**
   * What the other end of an accepted socket has proven. Asked inside the upgrade, before a byte is answered: a socket
   * that was destroyed earlier can still reach the upgrade, so nothing but an ok here may let it pass.
   */
  accepted(socket: Duplex): Outcome<ChannelProof, string>
  /** Connects; resolves once the other end has proven what it can, within `ms` by the channel's own clock. */
  connect(host: string, port: number, ms: number): Promise<Outcome<Connected, string>>
}

export interface Connected {
  readonly socket: Duplex
  readonly proof: ChannelProof
}

export interface ChannelProof {
  /** SHA-256 of the other end's key (DER SubjectPublicKeyInfo), hex. */
  readonly pin: string
  /** Bytes that only the two ends of this channel can know (RFC 5705, RFC 8446 §7.5). */
  exported(label: string, length: number): Uint8Array
}
