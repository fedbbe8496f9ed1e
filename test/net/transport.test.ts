import { afterEach } from 'vitest'
import { type TransportGroup, transportContract } from '../support/contracts/transport.ts'
import { HandClock } from './hand-clock.ts'
import { closeAll, type Device, device, kill, quiet, start, until } from './network-scene.ts'

afterEach(closeAll)

transportContract('peers over loopback', async (): Promise<TransportGroup> => {
  const clock = new HandClock()
  const devices = new Map<string, Device>()
  for (const id of ['1', '2', '3']) devices.set(id, await device(id, { clock }))
  await start(...devices.values())
  const at = (id: string): Device => {
    const found = devices.get(id)
    if (found === undefined) throw new Error(`no device ${id}`)
    return found
  }
  return {
    transport: (id) => at(id).network,
    received: (id) => at(id).heard.messages,
    snapshots: (id) => {
      const { receivers } = at(id).heard
      return receivers.filter(({ isFinished }) => isFinished).map(({ bytes }) => bytes)
    },
    settled: async (holds) => {
      await until(holds)
      await quiet()
    },
    isolate: async (id) => {
      await kill(at(id))
      const others = [...devices.values()].filter((each) => each.id !== id)
      await until(() => others.every(({ network }) => !network.isOnline(id)))
    },
  }
})
