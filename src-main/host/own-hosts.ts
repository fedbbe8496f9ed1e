import { networkInterfaces } from 'node:os'

/** Offered to others; more would only make them try longer. */
export const hostsMax = 8

export type Interfaces = ReturnType<typeof networkInterfaces>

/**
 * Where this machine may be reached from others, IPv4 first; its loopback when that is all there is. Addresses that mean
 * nothing without the other side's interface (link-local IPv6) are left out.
 */
export function ownHosts(interfaces: Interfaces = networkInterfaces()): readonly string[] {
  const outside = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address))
  const hosts = [
    ...outside.filter(({ family }) => family === 'IPv4'),
    ...outside.filter(({ family }) => family === 'IPv6'),
  ].map(({ address }) => address)
  return hosts.length === 0 ? ['127.0.0.1'] : hosts.slice(0, hostsMax)
}
