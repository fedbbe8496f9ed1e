import { crc32 } from '../../src-shared/base/crc32.ts'
import {
  type ClusterId,
  type DeviceId,
  newClusterId,
  newDeviceId,
} from '../../src-shared/base/ids.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Random } from '../../src-shared/base/random.ts'
import { type Disk, DiskFailed } from '../journal/disk.ts'
import { isCluster, isCount, isDevice, isFields, isName, readJson, writeJson } from './shape.ts'

/** What this device is, in the group that it belongs to now. A new one is made at every joining, none is used twice. */
export interface Identity {
  readonly nodeId: DeviceId
  readonly name: string
  readonly clusterId: ClusterId
  /** How often it was started, this time included: durable before anything is said to anybody. */
  readonly bootCounter: number
}

export interface IdentityRefused {
  /** damaged: it does not match its checksum. newer: written by a version that we do not know. */
  readonly kind: 'damaged' | 'newer'
  readonly file: string
  readonly message: string
}

/**
 * identity/identity.json: {"format": "quire-identity", "version": 1, "identity": {…}, "crc32": of the identity's JSON}.
 * One flipped bit in an id would make this device somebody else, who could vote again in our stead; hence the checksum.
 */
const dir = 'identity'
export const identityFile = `${dir}/identity.json`
const freshFile = `${identityFile}.new`
const format = 'quire-identity'
const version = 1
const fileBytesMax = 4_096

/** A new device: a group of one, alone in a cluster of its own. */
export function soloIdentity(random: Random, name: string): Omit<Identity, 'bootCounter'> {
  return { nodeId: newDeviceId(random), clusterId: newClusterId(random), name }
}

/** Reads who we are and counts this start, durably. Null: this directory has no identity yet. Disk failures reject. */
export async function openIdentity(disk: Disk): Promise<Outcome<Identity | null, IdentityRefused>> {
  const bytes = await readWhole(disk)
  if (bytes === null) return ok(null)
  const parsed = parse(bytes)
  if (!parsed.ok) return parsed
  const started = { ...parsed.value, bootCounter: parsed.value.bootCounter + 1 }
  await replace(disk, started)
  return ok(started)
}

/** Writes an identity where there is none yet, as of its first start. Rejects when there is one. */
export async function createIdentity(
  disk: Disk,
  fields: Omit<Identity, 'bootCounter'>,
): Promise<Identity> {
  if ((await readWhole(disk)) !== null) {
    throw new DiskFailed('broken', identityFile, 'there is an identity already')
  }
  const identity = { ...fields, bootCounter: 1 }
  await replace(disk, identity)
  return identity
}

/** The new name, durably. */
export async function renameIdentity(
  disk: Disk,
  identity: Identity,
  name: string,
): Promise<Identity> {
  const renamed = { ...identity, name }
  await replace(disk, renamed)
  return renamed
}

async function readWhole(disk: Disk): Promise<Uint8Array | null> {
  try {
    return await disk.read(identityFile, 0, fileBytesMax)
  } catch (error) {
    if (error instanceof DiskFailed && error.failure === 'missing') return null
    throw error
  }
}

/** Old or new after any crash, never half. */
async function replace(disk: Disk, identity: Identity): Promise<void> {
  const { nodeId, name, clusterId, bootCounter } = identity
  const kept = { nodeId, name, clusterId, bootCounter }
  const bytes = writeJson({ format, version, identity: kept, crc32: crc32(writeJson(kept)) })
  await disk.makeDir(dir)
  for (let at = 0; at < bytes.length; ) {
    const taken = await disk.write(freshFile, at, bytes.subarray(at))
    if (taken === 0) throw new DiskFailed('full', freshFile, 'the disk takes no more bytes')
    at += taken
  }
  // What a crash left there before may have been longer.
  await disk.truncate(freshFile, bytes.length)
  await disk.sync(freshFile)
  await disk.rename(freshFile, identityFile)
  await disk.syncDir(dir)
  await disk.syncDir('')
}

function parse(bytes: Uint8Array): Outcome<Identity, IdentityRefused> {
  const value = readJson(bytes)
  if (!isFields(value) || value.format !== format) return refuse('damaged', 'it is no identity')
  if (isCount(value.version) && value.version > version) {
    return refuse('newer', `it has version ${String(value.version)}, this app knows ${version}`)
  }
  const inner = value.identity
  if (value.version !== version || !isFields(inner)) return refuse('damaged', 'it is no identity')
  if (crc32(writeJson(inner)) !== value.crc32) {
    return refuse('damaged', 'it does not match its checksum')
  }
  const { nodeId, name, clusterId, bootCounter } = inner
  if (!isDevice(nodeId) || !isName(name) || !isCluster(clusterId) || !isCount(bootCounter)) {
    return refuse('damaged', 'it does not say who this device is')
  }
  return ok({ nodeId, name, clusterId, bootCounter })
}

function refuse(
  kind: IdentityRefused['kind'],
  message: string,
): { readonly ok: false; readonly error: IdentityRefused } {
  return fail({ kind, file: identityFile, message })
}
