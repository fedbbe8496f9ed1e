import { expect, test } from 'vitest'
import { hostsMax, type Interfaces, ownHosts } from '../../src-main/host/own-hosts.ts'

function at(address: string, internal = false) {
  const family = address.includes(':') ? 'IPv6' : 'IPv4'
  return { address, internal, family, netmask: '', mac: '', cidr: null, scopeid: 0 }
}

function machine(...addresses: ReturnType<typeof at>[]): Interfaces {
  return { eth0: addresses, none: undefined } as unknown as Interfaces
}

test('others are told the addresses that lead here from outside, IPv4 first', () => {
  const hosts = ownHosts(machine(at('2001:db8::7'), at('127.0.0.1', true), at('192.168.1.7')))
  expect(hosts).toEqual(['192.168.1.7', '2001:db8::7'])
})

test('a link-local address is left out: it means nothing without the other side’s interface', () => {
  expect(ownHosts(machine(at('fe80::1'), at('10.0.0.7')))).toEqual(['10.0.0.7'])
})

test('a machine without a network is reached over its loopback', () => {
  expect(ownHosts(machine(at('127.0.0.1', true), at('::1', true)))).toEqual(['127.0.0.1'])
})

test('a machine with many addresses offers some of them', () => {
  const many = Array.from({ length: 20 }, (_, byte) => at(`10.0.0.${byte}`))
  expect(ownHosts(machine(...many))).toHaveLength(hostsMax)
})
