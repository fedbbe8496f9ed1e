import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lan, makeLan, whyNoNamespaces } from './namespaces.ts'

/** Real processes with real multicast, each on a machine of its own: three of them, and a second device on the first. */
interface Node {
  readonly process: ChildProcess
  /** Name to address, as it sees them now. */
  seen: Readonly<Record<string, string>>
}

const why = whyNoNamespaces()
if (why !== null) test(`discovery between machines was not tried: ${why}`, () => undefined)
else discoveryTests()

function discoveryTests(): void {
  let lan: Lan
  const nodes = new Map<string, Node>()

  const run = (name: string, machine: number, listen: string): void => {
    const args = [name, `10.77.0.${machine}`, listen, '4711']
    const child = lan.run(machine, 'test/lan/discovery-node.ts', args)
    const node: Node = { process: child, seen: {} }
    let rest = ''
    child.stdout?.on('data', (data: Buffer) => {
      const lines = (rest + data.toString()).split('\n')
      rest = lines.pop() ?? ''
      const last = lines.at(-1)
      if (last !== undefined) node.seen = JSON.parse(last)
    })
    nodes.set(name, node)
  }
  const seenBy = (name: string) => nodes.get(name)?.seen
  const become = (name: string, seen: Readonly<Record<string, string>>) =>
    expect.poll(() => seenBy(name), { timeout: 20_000, interval: 50 }).toEqual(seen)

  beforeAll(() => {
    lan = makeLan(3)
    run('anna', 1, '10.77.0.1')
    run('bert', 2, '10.77.0.2')
    run('cleo', 3, '10.77.0.3')
    run('dora', 1, '127.0.0.1')
  })

  afterAll(() => {
    for (const { process } of nodes.values()) process.kill('SIGKILL')
    lan.remove()
  })

  test('three machines find one another, and a device on loopback is found on its own machine only', async () => {
    await become('anna', {
      bert: '10.77.0.2:4711',
      cleo: '10.77.0.3:4711',
      dora: '127.0.0.1:4711',
    })
    await become('bert', { anna: '10.77.0.1:4711', cleo: '10.77.0.3:4711' })
    await become('cleo', { anna: '10.77.0.1:4711', bert: '10.77.0.2:4711' })
    await become('dora', {
      anna: '10.77.0.1:4711',
      bert: '10.77.0.2:4711',
      cleo: '10.77.0.3:4711',
    })
  }, 30_000)

  test('[44] a device that was killed is forgotten by all', async () => {
    nodes.get('cleo')?.process.kill('SIGKILL')
    await become('bert', { anna: '10.77.0.1:4711' })
    await become('anna', { bert: '10.77.0.2:4711', dora: '127.0.0.1:4711' })
  }, 30_000)

  test('[45] a device that got another address is found there', async () => {
    lan.ip(2, 'addr', 'add', '10.77.0.52/24', 'dev', 'eth0')
    lan.ip(2, 'addr', 'del', '10.77.0.2/24', 'dev', 'eth0')
    lan.ip(2, 'addr', 'replace', '10.77.0.52/24', 'dev', 'eth0')
    lan.ip(2, 'route', 'replace', '224.0.0.0/4', 'dev', 'eth0')
    await become('anna', { bert: '10.77.0.52:4711', dora: '127.0.0.1:4711' })
  }, 30_000)

  test('[46] after its cable was pulled and put back a device finds and is found again', async () => {
    lan.ip(1, 'link', 'set', 'eth0', 'down')
    await become('bert', {})
    lan.ip(1, 'link', 'set', 'eth0', 'up')
    lan.ip(1, 'route', 'replace', '224.0.0.0/4', 'dev', 'eth0')
    await become('bert', { anna: '10.77.0.1:4711' })
    await become('anna', { bert: '10.77.0.52:4711', dora: '127.0.0.1:4711' })
  }, 30_000)

  test('a device that leaves in order is gone at once', async () => {
    nodes.get('anna')?.process.kill('SIGTERM')
    await become('bert', {})
  }, 30_000)
}
