import { afterEach, expect, test } from 'vitest'
import type { HostDisk } from '../../src-main/app/layout.ts'
import { NodeDisk } from '../../src-main/host/node-disk.ts'
import { systemClock } from '../../src-main/host/system-clock.ts'
import { systemRandom } from '../../src-main/host/system-random.ts'
import { codeCheck } from '../../src-main/identity/code-check.ts'
import { newCredential } from '../../src-main/identity/credential.ts'
import { pairWith } from '../../src-main/identity/pair-with.ts'
import { DiskFailed, type DiskFailure } from '../../src-main/journal/disk.ts'
import { pairingDialler } from '../../src-main/net/pairing-link.ts'
import { tlsChannel } from '../../src-main/net/tls-channel.ts'
import type { Clock } from '../../src-shared/base/clock.ts'
import { newClusterId } from '../../src-shared/base/ids.ts'
import { applied, Household, refusal, textOf, until, value, wait } from './support/devices.ts'

let house = new Household()
afterEach(async () => {
  await house.close()
  house = new Household()
})

const now = { ms: 0 }

/** The real disk, until a test says that it fails. */
class SickDisk implements HostDisk {
  readonly #disk: NodeDisk
  sickness: DiskFailure | null = null

  constructor(root: string) {
    this.#disk = new NodeDisk(root)
  }

  read: HostDisk['read'] = (...ask) => this.#disk.read(...ask)
  list: HostDisk['list'] = (...ask) => this.#disk.list(...ask)
  close: HostDisk['close'] = () => this.#disk.close()
  write: HostDisk['write'] = (...ask) => this.#well(ask[0], () => this.#disk.write(...ask))
  sync: HostDisk['sync'] = (...ask) => this.#synced(ask[0], () => this.#disk.sync(...ask))
  rename: HostDisk['rename'] = (...ask) => this.#well(ask[0], () => this.#disk.rename(...ask))
  truncate: HostDisk['truncate'] = (...ask) => this.#well(ask[0], () => this.#disk.truncate(...ask))
  remove: HostDisk['remove'] = (...ask) => this.#disk.remove(...ask)
  makeDir: HostDisk['makeDir'] = (...ask) => this.#well(ask[0], () => this.#disk.makeDir(...ask))
  syncDir: HostDisk['syncDir'] = (...ask) => this.#synced(ask[0], () => this.#disk.syncDir(...ask))

  async #well<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (this.sickness !== null) throw new DiskFailed(this.sickness, name, 'the test says so')
    return work()
  }

  /** A disk that is full still keeps what it took. */
  async #synced<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.sickness === 'full' ? work() : this.#well(name, work)
  }
}

test('a full disk: nothing is acknowledged, it is said, and it goes on when there is space', async () => {
  const dir = await house.newDir()
  const disk = new SickDisk(dir)
  const device = await house.start('Laptop', dir, { disk })
  const { id } = applied(await device.createNote({ body: 'before' }, wait))
  disk.sickness = 'full'
  const edit = { body: 'while it was full', baseRev: null }
  expect(refusal(await device.putText(id, edit, wait))).toMatchObject({ kind: 'stopped' })
  const full = await device.status()
  expect(full.trouble).toContain('The disk of this device is full.')
  expect(full.sentence).toBe(full.trouble)
  expect(refusal(await device.createNote({ body: 'no' }, wait))).toMatchObject({ kind: 'stopped' })
  disk.sickness = null
  await until('it goes on', async () => (await device.status()).trouble === null)
  await until('what was typed arrived', async () => (await textOf(device, id)) === edit.body)
})

test('a failed fsync stops this device for good and says why; the others go on', async () => {
  const dir = await house.newDir()
  const disk = new SickDisk(dir)
  const sick = await house.start('Sick', dir, { disk })
  const b = await house.start('B')
  await house.pair(sick, b)
  await house.settled([sick, b])
  const c = await house.start('C')
  await house.pair(sick, c)
  await house.settled([sick, b, c])
  const { id } = applied(await sick.createNote({ body: 'safe' }, wait))
  await until('all have it', async () => (await textOf(b, id)) === 'safe' && textOf(c, id))
  disk.sickness = 'broken'
  await sick.putText(id, { body: 'lost', baseRev: null }, wait)
  const { trouble } = await until('it stopped', async () => {
    const status = await sick.status()
    return status.trouble === null ? null : status
  })
  expect(trouble).toContain('The disk failed')
  disk.sickness = null
  expect(refusal(await sick.putText(id, { body: 'no', baseRev: null }, now))).toMatchObject({
    kind: 'stopped',
  })
  expect(value(await sick.readNote(id, { linearizable: false })).body).toBe('safe')
  applied(await b.putText(id, { body: 'without it', baseRev: null }, wait))
  await until('C has it', async () => (await textOf(c, id)) === 'without it')
})

/** Everything that waits for time waits a fortieth of it. */
const hasty: Clock = {
  ...systemClock,
  // Only the long waits: a handshake keeps the time that it needs on a busy machine.
  after: (ms, call) => systemClock.after(ms >= 30_000 ? ms / 40 : ms, call),
}

test('an invitation into a group that cannot be reached is forgotten, and nothing is lost', async () => {
  const dir = await house.newDir()
  const device = await house.start('Laptop', dir, { clock: hasty })
  const { id } = applied(await device.createNote({ body: 'mine' }, wait))
  const before = device.id
  const { code, address } = value(await device.openPairing())
  const credential = newCredential(systemRandom)
  const channel = tlsChannel(systemClock, credential)
  const paired = value(
    await pairWith({
      address: address ?? '',
      code: code ?? '',
      pin: credential.pin,
      dial: pairingDialler(channel, systemClock),
      check: codeCheck(systemRandom),
      clock: systemClock,
    }),
  )
  const host = { id: '99', name: 'Nowhere', bring: true }
  value(await paired.confirm(host))
  const nobody = {
    id: '99',
    name: 'Nowhere',
    addresses: ['127.0.0.1:9'],
    pin: credential.pin,
    addedAt: 1,
    removedAt: null,
    removedBy: null,
  }
  const invitation = {
    clusterId: newClusterId(systemRandom),
    id: paired.newcomer.id,
    members: [nobody],
    bring: true,
  }
  const completing = paired.complete(invitation)
  applied(await device.putText(id, { body: 'mine, still', baseRev: null }, wait))
  expect(refusal(await completing)).toMatchObject({ kind: 'failed' })
  expect(device.id).toBe(before)
  expect((await device.pairing()).state).toBe('failed')
  expect(await textOf(device, id)).toBe('mine, still')
  const host2 = await house.start('Host')
  await house.pair(host2, device, true)
  await until('it came along', async () => (await textOf(host2, id)) === 'mine, still')
})

test('a word that was typed while the code was shown comes along, though no notes were announced', async () => {
  const a = await house.start('A')
  const b = await house.start('B')
  const { id } = applied(await b.createNote({}, wait))
  const { code, address } = value(await b.openPairing())
  const ask = { ref: null, address, code: code ?? '', bring: false }
  let typed: Promise<unknown> = Promise.resolve()
  b.hear((event) => {
    if (event.name !== 'pairing' || event.event.state !== 'joining') return
    typed = b.putText(id, { body: 'quick', baseRev: null }, now).then(value)
  })
  const { deviceId } = value(await a.addDevice(ask))
  await typed
  await until('joined', () => b.id === deviceId)
  await until('A has it', async () => (await textOf(a, id)) === 'quick')
})
