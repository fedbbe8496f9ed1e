/**
 * Adding a device by code: the newcomer shows six digits, a person types them on a member. Here are the words that both
 * sides share; pairing-window.ts is the newcomer, pair-with.ts the member, pairing-message.ts what travels.
 *
 *   member                              newcomer
 *   try {share}            ->                       counted before anything is answered, across connections
 *                          <-  share {share}
 *   proof {proof}          ->                       wrong: refused, and the third time the code is burnt
 *                          <-  welcome {proof, newcomer}
 *   (asks the leader whether a change can commit; may abandon, and the code is still good)
 *   confirm {by}           ->                       the code is spent
 *                          <-  confirmed
 *   (the leader commits the addition)
 *   invitation {cluster…}  ->                       starts its new membership, or forgets after a minute
 *                          <-  joined
 */
import type { ClusterId, DeviceId } from '../../src-shared/base/ids.ts'
import type { Outcome } from '../../src-shared/base/outcome.ts'
import type { MemberRecord } from '../../src-shared/members/member.ts'

export const codeDigits = 6
export const windowMs = 120_000
export const triesMax = 3
/** A step of the exchange that a machine answers. */
export const stepMs = 5_000
/** From a right code to the confirmation: the member asks the leader whether a change can commit. */
export const provenMs = 20_000
/** From the confirmation to the invitation: the leader commits in between. */
export const joiningMs = 60_000
export const messageBytesMax = 64 * 1024

/** A connection to the other side of a pairing, on the newcomer's peer listener. Messages are whole, in order. */
export interface PairingLink {
  /** Of the other end, for the log. */
  readonly address: string
  /** Of the other end's key. */
  readonly pin: string
  /** See ChannelProof: what ties the code to this very channel. */
  exported(label: string, length: number): Uint8Array
  send(bytes: Uint8Array): void
  /** Once, right away. `closed` comes last and always. */
  listen(ears: { message(bytes: Uint8Array): void; closed(): void }): void
  /** What was sent before still arrives. */
  close(): void
}

/** Connects to a newcomer's peer listener; the error is for a person. */
export type DialPairing = (
  address: string,
) => Promise<
  Outcome<
    PairingLink,
    { readonly kind: 'not-allowed' | 'unreachable' | 'closed'; readonly message: string }
  >
>

/**
 * How the two sides show each other that they know the same code. Side A typed it, side B shows it; A proves first.
 * code-check.ts does it by a password-authenticated key exchange.
 */
export interface CodeCheck {
  typed(code: string, channel: Binding): TypedCode
  shown(code: string, channel: Binding): ShownCode
}

/** What ties a proof to the channel: both pins, and the channel's own secret. */
export interface Binding {
  readonly typedPin: string
  readonly shownPin: string
  exported(label: string, length: number): Uint8Array
}

export interface TypedCode {
  readonly share: Uint8Array
  /** Takes B's share, gives A's proof; null: the share is not one. */
  prove(share: Uint8Array): Uint8Array | null
  /** Does B know the code too? */
  accepts(proof: Uint8Array): boolean
}

export interface ShownCode {
  /** Takes A's share, gives B's; null: the share is not one. */
  answer(share: Uint8Array): Uint8Array | null
  /** B's own proof, if A's was right. */
  check(proof: Uint8Array): Uint8Array | null
}

/** Who wants in. The id is new: no identity is used twice. */
export interface Newcomer {
  readonly id: DeviceId
  readonly name: string
  /** "HOST:PORT" of its peer listener, best first. */
  readonly addresses: readonly string[]
  /** Of the key that it will have as a member, which is the one that it pairs with. */
  readonly pin: string
  /** It has notes of its own, to be brought along or left. */
  readonly hasNotes: boolean
}

/** Which member lets it in, shown on the newcomer's screen. */
export interface Host {
  readonly id: DeviceId
  readonly name: string
  /** The newcomer's own notes come along. */
  readonly bring: boolean
}

/** What the newcomer needs to find the others. Sent once its addition is committed. */
export interface Invitation {
  readonly clusterId: ClusterId
  /** The id under which it was added. */
  readonly id: DeviceId
  readonly members: readonly MemberRecord[]
  readonly bring: boolean
}

export type PairingRefusedKind =
  | 'wrong-code'
  | 'burnt'
  | 'expired'
  | 'closed'
  | 'busy'
  | 'not-allowed'
  | 'unreachable'
  | 'timed-out'
  | 'malformed'
  | 'failed'

/** As the local API says it: wrong-code 403; burnt, expired, closed 410; malformed code 400; the rest 409. */
export interface PairingRefused {
  readonly kind: PairingRefusedKind
  readonly message: string
  /** For `wrong-code`. */
  readonly triesLeft: number | null
}

/** The member's side once the code was right. Until `confirm` the code is unspent, and `abandon` leaves it so. */
export interface PairedNewcomer {
  readonly newcomer: Newcomer
  confirm(host: Host): Promise<Outcome<null, PairingRefused>>
  /** After the addition is committed. An error does not mean that it has not joined; the committed change stands. */
  complete(invitation: Invitation): Promise<Outcome<null, PairingRefused>>
  abandon(): void
}

/** The newcomer's side, as its person sees it. */
export type PairingWindowState =
  | {
      readonly kind: 'waiting'
      readonly code: string
      readonly expiresAt: string
      readonly triesLeft: number
    }
  | { readonly kind: 'joining'; readonly host: Host }
  | { readonly kind: 'joined'; readonly host: Host }
  | { readonly kind: 'burnt' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly reason: string }
