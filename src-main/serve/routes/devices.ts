import { z } from 'zod'
import { isDeviceId } from '../../../src-shared/base/ids.ts'
import type { MemberStatus, Status } from '../../../src-shared/ipc/contract.ts'
import { addressUnitsMax, codeUnitsMax, deviceNameShape } from '../../app/asks.ts'
import type { DeviceApi } from '../../app/device-api.ts'
import { json, outcome, refusal } from '../answer.ts'
import type { Api } from '../api.ts'
import { readJson } from '../body.ts'
import { problemResponse } from '../problem.ts'

/** Not strict: a script may pass on the newcomer's whole answer to POST /v1/pairing. */
const addShape = z
  .object({
    ref: z.string().min(1).max(addressUnitsMax).optional(),
    address: z.string().min(1).max(addressUnitsMax).optional(),
    code: z.string().trim().min(1).max(codeUnitsMax),
    notes: z.literal('bring').optional(),
  })
  .refine(({ ref, address }) => (ref === undefined) !== (address === undefined), {
    message: 'either ref or address is needed',
  })
const renameShape = z.strictObject({ name: deviceNameShape })
const leaderShape = z.strictObject({ deviceId: z.string().refine(isDeviceId) })

export function deviceRoutes(app: Api, device: DeviceApi): void {
  app.get('/v1/status', async () => json(statusOf(await device.status())))
  app.get('/v1/discovery', async () => json({ devices: await device.nearby() }))

  app.get('/v1/pairing', async () => json(await device.pairing()))
  app.post('/v1/pairing', async () => {
    const opened = await device.openPairing()
    if (!opened.ok) return refusal(opened.error)
    const { code, expiresAt, address } = opened.value
    return json({ code, expiresAt, address }, 201)
  })
  app.delete('/v1/pairing', async () => json(await device.closePairing()))

  app.post('/v1/devices', async (c) => {
    const ask = await readJson(c.env.incoming, addShape)
    if (!ask.ok) return ask.error
    const { ref, address, code, notes } = ask.value
    const bring = notes === 'bring'
    const added = await device.addDevice({
      ref: ref ?? null,
      address: address ?? null,
      code,
      bring,
    })
    return outcome(added, 201)
  })

  app.patch('/v1/devices/:id', async (c) => {
    const id = c.req.param('id')
    if (!isDeviceId(id)) return noDevice(id)
    const ask = await readJson(c.env.incoming, renameShape)
    if (!ask.ok) return ask.error
    const renamed = await device.renameDevice(id, ask.value.name)
    return renamed.ok ? json({ id, name: ask.value.name }) : refusal(renamed.error)
  })

  app.delete('/v1/devices/:id', async (c) => {
    const id = c.req.param('id')
    if (!isDeviceId(id)) return noDevice(id)
    const removed = await device.removeDevice(id)
    return removed.ok ? json({ id }) : refusal(removed.error)
  })

  app.post('/v1/leader', async (c) => {
    const ask = await readJson(c.env.incoming, leaderShape)
    if (!ask.ok) return ask.error
    const { deviceId } = ask.value
    const led = await device.lead(deviceId)
    return led.ok ? json({ deviceId }) : refusal(led.error)
  })
}

function noDevice(id: string): Response {
  return problemResponse('unknown-device', `there is no device ${id.slice(0, 64)}`)
}

/** The contract's status without what only a window draws. */
export function statusOf(status: Status) {
  const { device, cluster, outbox, sentence, version, trouble } = status
  return {
    device,
    cluster,
    members: status.members.map(memberOf),
    outbox,
    sentence,
    version,
    trouble,
  }
}

export function memberOf(member: MemberStatus) {
  const { id, name, role, online, matchIndex, holds, isLeader, isSelf, removed } = member
  const { addresses, lastSeen } = member
  const standing = { id, name, role, online, matchIndex, holds, isLeader, isSelf, removed }
  return { ...standing, addresses, lastSeen }
}
