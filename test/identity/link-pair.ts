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
  return [side(a, b), side(b, a)]
}

function side(own: End, other: End): PairingLink {
  return {
    address: '127.0.0.1:1',
    pin: null,
    exported: () => null,
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
