import { Bonjour, type Browser, type Service } from 'bonjour-service'
import type { Advertised, Multicast, MulticastSession, Seen } from './multicast.ts'

/** RFC 6763 §7: one name for the protocol, at most 15 characters. */
const serviceType = 'quire'
/** Answers to one question that are looked at: a flood of forged ones ends here. */
export const seenPerQuestionMax = 256

/**
 * The multicast door through bonjour-service. That library keeps a service it once saw for eight hours, does not notice a
 * changed address and never joins an interface again that went away; so nothing of its memory is used: every question
 * is a new browser, and whoever opens a session closes it again after a while.
 */
export const bonjourMulticast: Multicast = {
  open: ({ host, failed }) => {
    const bonjour = new Bonjour(socketOptions(host), (error: unknown) => failed(String(error)))
    // Errors of its socket would otherwise be thrown at nobody in particular.
    const socket = socketOf(bonjour)
    socket.on('error', (error) => failed(error.message))
    socket.on('warning', (error) => failed(error.message))
    return session(bonjour)
  },
}

function session(bonjour: Bonjour): MulticastSession {
  let service: Service | null = null
  let browser: Browser | null = null
  return {
    advertise: (advertised) => {
      const before = service
      service = null
      if (before !== null) before.stop()
      if (advertised !== null) service = publish(bonjour, advertised)
    },
    browse: (ears) => {
      browser?.stop()
      browser?.removeAllListeners()
      const asked = bonjour.find({ type: serviceType })
      browser = asked
      let heard = 0
      const seen = (answer: Service) => {
        heard += 1
        if (heard > seenPerQuestionMax) asked.stop()
        else ears.seen(readService(answer))
      }
      asked.on('up', seen)
      asked.on('srv-update', seen)
      asked.on('txt-update', seen)
      asked.on('down', (answer: Service) => ears.gone(answer.name))
    },
    close: (goodbye) => {
      browser?.stop()
      browser = null
      return new Promise((settle) => {
        const destroy = () => bonjour.destroy(() => settle())
        // A service that was never announced calls back at once.
        if (goodbye && service !== null) service.stop(destroy)
        else destroy()
      })
    },
  }
}

function publish(bonjour: Bonjour, { instance, port, txt }: Advertised): Service {
  return bonjour.publish({
    name: instance,
    type: serviceType,
    port,
    // Not the machine's own name, which often is its owner's.
    host: `${instance}.local`,
    txt: { ...txt },
    // The name is random: nobody has it.
    probe: false,
  })
}

function readService(service: Service): Seen {
  const raw = 'rawTxt' in service ? service.rawTxt : []
  const pieces: readonly unknown[] = Array.isArray(raw) ? raw : []
  const fields = Object.entries((service.txt ?? {}) as Record<string, unknown>)
  return {
    instance: service.name,
    addresses: service.addresses ?? [],
    port: service.port,
    source: service.referer?.address ?? '',
    txt: Object.fromEntries(fields.map(([name, value]) => [name, textOf(value)])),
    txtBytes: pieces.reduce<number>((sum, piece) => sum + lengthOf(piece), 0),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** With its length byte. */
function lengthOf(piece: unknown): number {
  return piece instanceof Uint8Array ? piece.length + 1 : Number.POSITIVE_INFINITY
}

/** Bound to everything, for a socket bound to one address hears no multicast on Linux. */
function socketOptions(host: string | null): object {
  return host === null ? {} : { interface: host, bind: '0.0.0.0' }
}

interface ErrorEvents {
  on(event: 'error' | 'warning', listener: (error: Error) => void): void
}

/** The library offers no way to hear of its socket's errors. */
function socketOf(bonjour: Bonjour): ErrorEvents {
  return (bonjour as unknown as { server: { mdns: ErrorEvents } }).server.mdns
}
