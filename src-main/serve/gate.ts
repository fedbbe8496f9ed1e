import { createHash, timingSafeEqual } from 'node:crypto'

/** What is checked on every request before anything else looks at it. */
export interface Gate {
  /** The literal addresses that may stand in Host: "127.0.0.1:PORT". */
  readonly hosts: readonly string[]
  readonly token: string
}

export type GateVerdict = 'pass' | 'foreign-host' | 'foreign-origin' | 'no-token'

/**
 * A page of another site can make this machine's browser ask us anything (cross-site requests, DNS rebinding), so Host must
 * be our literal address and an Origin, where there is one, our own. The token then keeps out other programs' users.
 */
export function checkOrigin(gate: Gate, host: string | null, origin: string | null): GateVerdict {
  if (host === null || !gate.hosts.includes(host)) return 'foreign-host'
  if (origin !== null && !gate.hosts.some((own) => origin === `http://${own}`)) {
    return 'foreign-origin'
  }
  return 'pass'
}

export function checkBearer(gate: Gate, authorization: string | null): GateVerdict {
  const match = /^Bearer ([^\s]+)$/i.exec(authorization ?? '')
  return match?.[1] !== undefined && isToken(gate, match[1]) ? 'pass' : 'no-token'
}

/** Compared as digests of equal length, in time that does not depend on where they differ. */
export function isToken(gate: Gate, given: string): boolean {
  return timingSafeEqual(digest(given), digest(gate.token))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
