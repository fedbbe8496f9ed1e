import { isIP, isIPv4, isIPv6 } from 'node:net'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { addressLengthMax } from '../../src-shared/members/member.ts'

export interface Address {
  /** A literal IPv4 or IPv6 address (with `%interface` where it is link-local), or a name. */
  readonly host: string
  readonly port: number
}

const shape = /^(?:\[([^\]]+)\]|([^:[\]]+)):([0-9]{1,5})$/
const name = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/
const scoped = /^(fe80:[0-9a-f:]+)%([A-Za-z0-9_.-]{1,64})$/i

/** Reads "HOST:PORT"; IPv6 stands in brackets. The error is for a person. */
export function parseAddress(text: string): Outcome<Address, string> {
  const parts = text.length <= addressLengthMax ? shape.exec(text) : null
  if (parts === null) return fail('an address looks like 192.168.1.7:4711 or [fe80::1%eth0]:4711')
  const [, six, other, digits] = parts
  const port = Number(digits)
  if (port < 1 || port > 65_535) return fail('a port is a number from 1 to 65535')
  if (six !== undefined) {
    return isSix(six) ? ok({ host: six, port }) : fail('what stands in brackets is no IPv6 address')
  }
  const host = other ?? ''
  // Digits and dots that are not four bytes are a mistyped address, never a name.
  const isHost = isIPv4(host) || (name.test(host) && !/^[0-9.]+$/.test(host))
  return isHost ? ok({ host, port }) : fail('this is neither an address nor a name')
}

export function formatAddress(address: Address): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return `${host}:${address.port}`
}

/** As an HTTP Host header: the scope is our own interface's name and means nothing to the other side. */
export function hostHeader(address: Address): string {
  return formatAddress({ ...address, host: address.host.replace(/%.*$/, '') })
}

/** A Host header that names an address. A name could be somebody else's, pointed at us (DNS rebinding). */
export function isLiteralHost(header: string | undefined): boolean {
  if (header === undefined) return false
  const parsed = parseAddress(header)
  return parsed.ok && isIP(parsed.value.host) !== 0
}

/** 127.0.0.0/8, ::1, and `localhost`. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true
  if (isIPv4(host)) return host.startsWith('127.')
  return isIPv6(host) && /^(0{0,4}:){2,7}0{0,3}1$/.test(host)
}

/** For the log, which carries no full addresses: the last part of the host, and the port. */
export function masked(text: string): string {
  const parsed = parseAddress(text)
  if (!parsed.ok) return '…'
  const last = parsed.value.host.split(/[.:]/).at(-1) ?? ''
  return `…${last}:${parsed.value.port}`
}

function isSix(host: string): boolean {
  return scoped.test(host) ? isIPv6(host.replace(/%.*$/, '')) : isIPv6(host) && !host.includes('%')
}
