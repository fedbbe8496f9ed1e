/**
 * Who else is on this network, as a hint and nothing more. Anybody may answer a multicast question in anybody's name, so
 * nothing here is believed: a name is shown, an address is dialled, and who is there says so itself. What others can make
 * us remember is bounded, and what is not heard again is forgotten.
 */
import type { Clock } from '../../src-shared/base/clock.ts'
import type { ClusterId } from '../../src-shared/base/ids.ts'
import type { Random } from '../../src-shared/base/random.ts'
import { cleanName } from '../identity/name.ts'
import { isCluster } from '../identity/shape.ts'
import type { Log } from '../replica/ports.ts'
import { formatAddress, isLoopback, parseAddress } from './address.ts'
import type { Multicast, MulticastSession, Seen } from './multicast.ts'

export const foundMax = 64
export const foundPerSourceMax = 4
export const txtBytesMax = 256
/** A new question so often; whoever does not answer three of them is gone. */
export const questionMs = 10_000
export const forgetMs = 35_000
/** After a goodbye, which anybody may have said: until a new question is answered. */
export const goodbyeMs = 3_000
/** A new socket so often: it joins the multicast group on interfaces that came back, and announces new addresses. */
export const sessionMs = 60_000

/** What we say about ourselves. */
export interface Announcement {
  readonly clusterId: ClusterId
  /** waiting: shows a code. */
  readonly state: 'waiting' | 'other'
  readonly name: string
  /** Of the peer listener. A loopback host is told to devices on this machine only. */
  readonly host: string
  readonly port: number
}

export interface Found {
  /** Names it as long as it is heard. */
  readonly ref: string
  readonly name: string
  readonly clusterId: ClusterId
  readonly state: 'waiting' | 'other'
  /** "HOST:PORT", the likeliest first, at least one. */
  readonly addresses: readonly string[]
}

export interface DiscoveryOptions {
  readonly multicast: Multicast
  /** Address of the interface to ask on; null: all of them. */
  readonly host: string | null
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Something new, or something changed, was found. */
  readonly found: (found: Found) => void
  /** The list is not what it was. */
  readonly changed: () => void
}

interface Entry {
  found: Found
  readonly source: string
  forgetAt: number
}

export class Discovery {
  readonly #options: DiscoveryOptions
  /** Told to nobody else: no host name, no user name. */
  readonly #instance: string
  /** By source and instance, so that nobody's answer replaces another's. */
  readonly #entries = new Map<string, Entry>()
  readonly #stops: (() => void)[] = []
  /** Where our own words come back from: the addresses of this machine. */
  readonly #ownSources = new Set<string>()
  #announcement: Announcement | null = null
  #session: MulticastSession | null = null
  #nextRef = 1

  constructor(options: DiscoveryOptions) {
    this.#options = options
    this.#instance = instanceName(options.random)
  }

  start(): void {
    const { clock } = this.#options
    this.#renew()
    this.#stops.push(
      clock.every(questionMs, () => this.#ask()),
      clock.every(sessionMs, () => this.#renew()),
      clock.every(1_000, () => this.#forget()),
    )
  }

  /** Null: nothing is said about us any more. */
  announce(announcement: Announcement | null): void {
    if (same(this.#announcement, announcement)) return
    this.#announcement = announcement
    this.#advertise()
  }

  /** Everybody heard of late, in the order in which they were found. */
  list(): readonly Found[] {
    return [...this.#entries.values()].map(({ found }) => found)
  }

  /** The network has changed, or the machine woke. */
  renew(): void {
    if (this.#session !== null) this.#renew()
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop()
    const session = this.#session
    this.#session = null
    await session?.close(true)
  }

  #renew(): void {
    const { multicast, host, log } = this.#options
    const before = this.#session
    this.#session = multicast.open({ host, failed: (why) => log.info(`net: multicast: ${why}`) })
    before?.close(false).catch((error: unknown) => log.info(`net: multicast: ${String(error)}`))
    this.#advertise()
    this.#ask()
  }

  #advertise(): void {
    const said = this.#announcement
    if (said === null) return this.#session?.advertise(null)
    const txt = { v: '1', c: said.clusterId, s: said.state, n: shortName(said.name) }
    this.#session?.advertise({
      instance: this.#instance,
      port: said.port,
      txt: isLoopback(said.host) ? { ...txt, a: said.host } : txt,
    })
  }

  #ask(): void {
    this.#session?.browse({
      seen: (seen) => this.#seen(seen),
      gone: (instance) => this.#gone(instance),
    })
  }

  #seen(seen: Seen): void {
    if (seen.instance === this.#instance) return this.#heardOurselves(seen.source)
    const read = readSeen(seen, this.#ownSources.has(seen.source))
    if (read === null) return
    const key = `${seen.source} ${seen.instance}`
    const forgetAt = this.#options.clock.now() + forgetMs
    const before = this.#entries.get(key)
    if (before === undefined && !this.#hasRoomFor(seen.source)) return
    const found: Found = { ref: before?.found.ref ?? `found-${this.#nextRef++}`, ...read }
    this.#entries.set(key, { found, source: seen.source, forgetAt })
    if (before !== undefined && same(before.found, found)) return
    this.#options.found(found)
    this.#options.changed()
  }

  #heardOurselves(source: string): void {
    if (this.#ownSources.size >= ownSourcesMax) this.#ownSources.clear()
    this.#ownSources.add(source)
  }

  /** Whoever really left will not answer; whoever is still here will. */
  #gone(instance: string): void {
    const soon = this.#options.clock.now() + goodbyeMs
    let isKnown = false
    for (const [key, entry] of this.#entries) {
      if (!key.endsWith(` ${instance}`)) continue
      entry.forgetAt = Math.min(entry.forgetAt, soon)
      isKnown = true
    }
    if (isKnown) this.#ask()
  }

  #forget(): void {
    const now = this.#options.clock.now()
    const before = this.#entries.size
    for (const [key, { forgetAt }] of this.#entries) {
      if (forgetAt <= now) this.#entries.delete(key)
    }
    if (this.#entries.size !== before) this.#options.changed()
  }

  #hasRoomFor(source: string): boolean {
    if (this.#entries.size >= foundMax) return false
    const ofSource = [...this.#entries.values()].filter((entry) => entry.source === source)
    return ofSource.length < foundPerSourceMax
  }
}

const instanceShape = /^[0-9a-f]{16}$/

/** Null: not one of ours, or too much of it. */
function readSeen(seen: Seen, isOwnMachine: boolean): Omit<Found, 'ref'> | null {
  if (!instanceShape.test(seen.instance) || seen.txtBytes > txtBytesMax) return null
  const { v, c, s, n, a } = seen.txt
  if (v !== '1' || !isCluster(c) || (s !== 'waiting' && s !== 'other')) return null
  const name = cleanName(n ?? '')
  // Another machine's loopback is not ours.
  if (a !== undefined && !(isOwnMachine && isLoopback(a))) return null
  const addresses = a === undefined ? addressesOf(seen) : usable([a], seen.port)
  if (name === '' || addresses.length === 0) return null
  return { name, clusterId: c, state: s, addresses }
}

/** Where it can be dialled. The sender of the packet comes first: of all its addresses that one surely leads here. */
function addressesOf({ source, addresses, port }: Seen): readonly string[] {
  const rest = addresses.filter((host) => host !== source && !isLoopback(host))
  return usable(addresses.includes(source) ? [source, ...rest] : rest, port)
}

function usable(hosts: readonly string[], port: number): readonly string[] {
  const texts = hosts.map((host) => formatAddress({ host, port }))
  // A link-local IPv6 address says nothing without its interface, which the answer does not carry.
  const isScopeless = (text: string) => /^\[fe[89ab]/i.test(text)
  return texts.filter((text) => parseAddress(text).ok && !isScopeless(text)).slice(0, addressesMax)
}

const addressesMax = 4
const ownSourcesMax = 16

/** A TXT string has a length byte: 255 for all, and the name is the only long one. */
function shortName(name: string): string {
  let short = cleanName(name)
  while (new TextEncoder().encode(short).length > nameBytesMax)
    short = [...short].slice(0, -1).join('')
  return short
}

const nameBytesMax = 96

function instanceName(random: Random): string {
  return Array.from(random.bytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
