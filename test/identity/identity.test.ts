import { expect, test } from 'vitest'
import {
  createIdentity,
  identityFile,
  openIdentity,
  soloIdentity,
} from '../../src-main/identity/identity.ts'
import { fileVault, type Vault } from '../../src-main/identity/vault.ts'
import { DiskFailed } from '../../src-main/journal/disk.ts'
import { isDeviceId } from '../../src-shared/base/ids.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { WatchedDisk } from '../support/watched-disk.ts'

const fields = soloIdentity(seededRandom(1), 'Desktop')

async function opened(disk: WatchedDisk) {
  const outcome = await openIdentity(disk, fileVault)
  if (!outcome.ok) throw new Error(outcome.error.message)
  return outcome.value
}

test('a directory without an identity says so and is not given one by the way', async () => {
  const disk = new WatchedDisk()
  expect(await opened(disk)).toBe(null)
  expect(disk.names()).toEqual([])
})

test('a new device has an id of its own and is alone in a cluster of its own', () => {
  const other = soloIdentity(seededRandom(2), 'Desktop')
  expect(isDeviceId(fields.nodeId)).toBe(true)
  expect(other.nodeId).not.toBe(fields.nodeId)
  expect(other.clusterId).not.toBe(fields.clusterId)
})

test('every start counts up by one and keeps everything else', async () => {
  const disk = new WatchedDisk()
  expect(await createIdentity(disk, fileVault, fields)).toEqual({ ...fields, bootCounter: 1 })
  expect(await opened(disk)).toEqual({ ...fields, bootCounter: 2 })
  expect(await opened(disk.afterPowerCut(() => false))).toEqual({ ...fields, bootCounter: 3 })
})

test('an identity is not written over', async () => {
  const disk = new WatchedDisk()
  await createIdentity(disk, fileVault, fields)
  await expect(createIdentity(disk, fileVault, soloIdentity(seededRandom(3), 'x'))).rejects.toThrow(
    DiskFailed,
  )
  expect((await opened(disk))?.nodeId).toBe(fields.nodeId)
})

test('no start is counted twice: whatever a power cut leaves, the next count is above every one that was used', async () => {
  for (const keeps of [() => true, () => false, coin(5), coin(6), coin(7)]) {
    for (let diesAt = 1; diesAt < 12; diesAt++) {
      const disk = new WatchedDisk()
      await createIdentity(disk, fileVault, fields)
      await opened(disk)
      const dying = disk.afterPowerCut(() => false)
      dying.diesAt = diesAt
      const used = await openIdentity(dying, fileVault).catch(() => null)
      const highest = used?.ok ? (used.value?.bootCounter ?? 0) : 2
      const next = await opened(dying.afterPowerCut(keeps))
      expect(next?.nodeId).toBe(fields.nodeId)
      expect(next?.bootCounter).toBeGreaterThan(highest)
    }
  }
})

test('any flipped bit is found: this device never takes itself for another', async () => {
  const disk = new WatchedDisk()
  await createIdentity(disk, fileVault, fields)
  const sound = disk.get(identityFile)
  for (let bit = 0; bit < sound.length * 8; bit++) {
    const flipped = sound.slice()
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    const damaged = new WatchedDisk()
    damaged.put(identityFile, flipped)
    const outcome = await openIdentity(damaged, fileVault)
    expect(outcome.ok, `bit ${bit} of ${new TextDecoder().decode(flipped)}`).toBe(false)
    expect(damaged.get(identityFile)).toEqual(flipped)
  }
})

test('a truncated or empty file is damaged, and is left as it is', async () => {
  const disk = new WatchedDisk()
  await createIdentity(disk, fileVault, fields)
  const sound = disk.get(identityFile)
  for (const length of [0, 1, 20, sound.length - 1]) {
    const torn = new WatchedDisk()
    torn.put(identityFile, sound.slice(0, length))
    const outcome = await openIdentity(torn, fileVault)
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'damaged', file: identityFile } })
    expect(torn.get(identityFile).length).toBe(length)
  }
})

test('a file of a newer version is refused as newer', async () => {
  const disk = new WatchedDisk()
  disk.put(identityFile, new TextEncoder().encode('{"format":"quire-identity","version":3}'))
  expect(await openIdentity(disk, fileVault)).toMatchObject({ ok: false, error: { kind: 'newer' } })
})

test('what an earlier crash left beside it does not get into it', async () => {
  const disk = new WatchedDisk()
  await createIdentity(disk, fileVault, fields)
  disk.put(`${identityFile}.new`, new Uint8Array(5_000).fill(0x7d))
  await opened(disk)
  expect(await opened(disk)).toEqual({ ...fields, bootCounter: 3 })
})

test('a disk that refuses to sync refuses the start', async () => {
  const disk = new WatchedDisk()
  await createIdentity(disk, fileVault, fields)
  disk.fails = (verb) => (verb === 'sync' ? 'broken' : null)
  await expect(openIdentity(disk, fileVault)).rejects.toThrow(DiskFailed)
})

function coin(seed: number): () => boolean {
  const random = seededRandom(seed)
  return () => random.below(2) === 1
}

test('the key is kept as the vault gives it, and only that vault opens it', async () => {
  const turned = (bytes: Uint8Array) => bytes.map((byte) => byte ^ 0x5a)
  const ring: Vault = { name: 'ring', seal: turned, open: turned }
  const disk = new WatchedDisk()
  await createIdentity(disk, ring, fields)
  const secret = Buffer.from(fields.credential.secret).toString('base64')
  expect(new TextDecoder().decode(disk.get(identityFile))).not.toContain(secret)
  expect(await openIdentity(disk, ring)).toMatchObject({ ok: true, value: fields })
  const before = disk.get(identityFile)
  const locked = { ok: false, error: { kind: 'locked', file: identityFile } }
  expect(await openIdentity(disk, fileVault)).toMatchObject(locked)
  expect(await openIdentity(disk, { ...ring, open: () => null })).toMatchObject(locked)
  const other = await openIdentity(disk, { ...ring, open: () => new Uint8Array(32) })
  expect(other).toMatchObject({ ok: false, error: { kind: 'damaged' } })
  expect(disk.get(identityFile)).toEqual(before)
})
