import type { DialPairing, PairingLink } from '../../src-main/identity/pairing.ts'
import type { PairingWindow } from '../../src-main/identity/pairing-window.ts'
import { ok } from '../../src-shared/base/outcome.ts'

interface End {
  ears: Parameters<PairingLink['listen']>[0] | null
  waiting: Uint8Array[]
  isOpen: boolean
}

/** Two ends of one connection in memory: whole messages, in order, each in a turn of its own. */
export function linkPair(): [PairingLink, PairingLink] {
  const a: End = { ears: null, waiting: [], isOpen: true }
  const b: End = { ears: null, waiting: [], isOpen: true }
  return [side(a, b, shownPin), side(b, a, typedPin)]
}

/** Of the member, and of the newcomer. */
export const typedPin = 'a'.repeat(64)
export const shownPin = 'b'.repeat(64)

function side(own: End, other: End, pin: string): PairingLink {
  return {
    address: '127.0.0.1:1',
    pin,
    exported: (_label, length) => new Uint8Array(length).fill(7),
    send: (bytes) => {
      if (!own.isOpen) return
      queueMicrotask(() => {
        if (!other.isOpen) return
        if (other.ears === null) other.waiting.push(bytes)
        else other.ears.message(bytes)
      })
    },
    listen: (ears) => {
      own.ears = ears
      for (const bytes of own.waiting.splice(0)) ears.message(bytes)
    },
    close: () => {
      for (const end of [own, other]) {
        queueMicrotask(() => {
          if (!end.isOpen) return
          end.isOpen = false
          end.ears?.closed()
        })
      }
    },
  }
}

/** Every dial is a new connection to the same window. */
export function dialTo(window: PairingWindow): DialPairing {
  return async () => {
    const [near, far] = linkPair()
    window.accept(far)
    return ok(near)
  }
}

/** Lets everything that needs no time happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve()
}
