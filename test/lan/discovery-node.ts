/**
 * A device that does nothing but look around: discovery-node.ts NAME INTERFACE LISTEN PORT. Prints what it finds as one
 * line of JSON whenever that changes. Its clock runs ten times as fast as ours, so that what takes minutes takes seconds.
 */
import { systemClock } from '../../src-main/host/system-clock.ts'
import { systemRandom } from '../../src-main/host/system-random.ts'
import { bonjourMulticast } from '../../src-main/net/bonjour.ts'
import { Discovery } from '../../src-main/net/discovery.ts'
import type { Clock } from '../../src-shared/base/clock.ts'

const haste = 10
const [name = '', host = '', listen = '', port = ''] = process.argv.slice(2)

const hastyClock: Clock = {
  now: () => systemClock.now() * haste,
  wall: () => systemClock.wall(),
  after: (ms, call) => systemClock.after(ms / haste, call),
  every: (ms, call) => systemClock.every(ms / haste, call),
}

const told = (line: string) => void process.stderr.write(`${name}: ${line}\n`)
const discovery = new Discovery({
  multicast: bonjourMulticast,
  host,
  clock: hastyClock,
  random: systemRandom,
  log: { debug: () => undefined, info: () => undefined, warn: told, error: told },
  found: () => undefined,
  changed: () => {
    const seen = discovery.list().map((found) => [found.name, found.addresses[0], found.state])
    process.stdout.write(
      `${JSON.stringify(Object.fromEntries(seen.map(([who, at]) => [who, at])))}\n`,
    )
  },
})
discovery.start()
discovery.announce({
  clusterId: 'a'.repeat(32),
  state: 'waiting',
  name,
  host: listen,
  port: Number(port),
})
process.stdout.write('{}\n')
process.on('SIGTERM', () => {
  discovery.close().then(
    () => process.exit(0),
    (error: unknown) => {
      told(String(error))
      process.exit(1)
    },
  )
})
