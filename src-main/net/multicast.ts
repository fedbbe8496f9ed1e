/** The door to DNS-SD over multicast DNS (RFC 6762, RFC 6763), narrow enough for a test to stand in for it. */
export interface Multicast {
  /** A socket of its own. `host` is the address of the interface, null for all; `failed` may be called at any time. */
  open(options: {
    readonly host: string | null
    readonly failed: (why: string) => void
  }): MulticastSession
}

export interface MulticastSession {
  /** Answers for this service from now on, and no other; null: for none. */
  advertise(service: Advertised | null): void
  /** Asks who is there. Answers to earlier questions are not heard any more. */
  browse(ears: { seen(seen: Seen): void; gone(instance: string): void }): void
  /** With a goodbye the others know at once. */
  close(goodbye: boolean): Promise<void>
}

export interface Advertised {
  readonly instance: string
  readonly port: number
  readonly txt: Readonly<Record<string, string>>
}

/** What somebody answered. Anything in it may be a lie, and `source` too. */
export interface Seen {
  readonly instance: string
  readonly addresses: readonly string[]
  readonly port: number
  /** Where the packet came from. */
  readonly source: string
  readonly txt: Readonly<Record<string, string | undefined>>
  readonly txtBytes: number
}
