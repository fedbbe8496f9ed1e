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
import { type Credential, credentialOf, isSecret, newCredential } from './credential.ts'
import {
  isCluster,
  isCount,
  isDevice,
  isFields,
  isName,
  isText,
  readJson,
  writeJson,
} from './shape.ts'
import type { Vault } from './vault.ts'

/** What this device is, in the group that it belongs to now. A new one is made at every joining, none is used twice. */
export interface Identity {
  readonly nodeId: DeviceId
  readonly name: string
  readonly clusterId: ClusterId
  /** Its key, as new as its id. */
  readonly credential: Credential
  /** How often it was started, this time included: durable before anything is said to anybody. */
  readonly bootCounter: number
}

export interface IdentityRefused {
  /** damaged: it does not match its checksum. newer: written by a version that we do not know. locked: the vault keeps its key. */
  readonly kind: 'damaged' | 'newer' | 'locked'
  readonly file: string
  readonly message: string
}

/**
 * identity/identity.json: {"format": "quire-identity", "version": 2, "identity": {…}, "crc32": of the identity's JSON};
 * mode 0600. Its key is in it, sealed by the vault that it names: id and key are one, and change in one rename.
 * One flipped bit in an id would make this device somebody else, who could vote again in our stead; hence the checksum.
 */
const dir = 'identity'
export const identityFile = `${dir}/identity.json`
const freshFile = `${identityFile}.new`
const format = 'quire-identity'
const version = 2
const fileBytesMax = 8_192
/** Of a sealed secret, in base64. */
const sealedUnitsMax = 2_048
const vaultNameUnitsMax = 64

/** A new device: a group of one, alone in a cluster of its own. */
export function soloIdentity(random: Random, name: string): Omit<Identity, 'bootCounter'> {
  const credential = newCredential(random)
  return { nodeId: newDeviceId(random), clusterId: newClusterId(random), name, credential }
}

/** Reads who we are and counts this start, durably. Null: this directory has no identity yet. Disk failures reject. */
export async function openIdentity(
  disk: Disk,
  vault: Vault,
): Promise<Outcome<Identity | null, IdentityRefused>> {
  const bytes = await readWhole(disk)
  if (bytes === null) return ok(null)
  const parsed = parse(bytes, vault)
  if (!parsed.ok) return parsed
  const started = { ...parsed.value, bootCounter: parsed.value.bootCounter + 1 }
  await replace(disk, vault, started)
  return ok(started)
}

/** Writes an identity where there is none yet, as of its first start. Rejects when there is one. */
export async function createIdentity(
  disk: Disk,
  vault: Vault,
  fields: Omit<Identity, 'bootCounter'>,
): Promise<Identity> {
  if ((await readWhole(disk)) !== null) {
    throw new DiskFailed('broken', identityFile, 'there is an identity already')
  }
  const identity = { ...fields, bootCounter: 1 }
  await replace(disk, vault, identity)
  return identity
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
async function replace(disk: Disk, vault: Vault, identity: Identity): Promise<void> {
  const { nodeId, name, clusterId, bootCounter, credential } = identity
  const sealed = Buffer.from(vault.seal(credential.secret)).toString('base64')
  const kept = { nodeId, name, clusterId, bootCounter, key: { vault: vault.name, sealed } }
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

function parse(bytes: Uint8Array, vault: Vault): Outcome<Identity, IdentityRefused> {
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
  const credential = unseal(inner.key, vault)
  return credential.ok
    ? ok({ nodeId, name, clusterId, bootCounter, credential: credential.value })
    : credential
}

function unseal(key: unknown, vault: Vault): Outcome<Credential, IdentityRefused> {
  if (!isFields(key)) return refuse('damaged', 'it has no key')
  const { vault: name, sealed } = key
  if (!isText(name, vaultNameUnitsMax) || !isText(sealed, sealedUnitsMax)) {
    return refuse('damaged', 'it has no key')
  }
  if (name !== vault.name)
    return refuse('locked', `its key is kept by “${name}”, not “${vault.name}”`)
  const secret = vault.open(new Uint8Array(Buffer.from(sealed, 'base64')))
  if (secret === null) return refuse('locked', `“${name}” does not give its key out`)
  return isSecret(secret) ? ok(credentialOf(secret)) : refuse('damaged', 'its key is none')
}

function refuse(
  kind: IdentityRefused['kind'],
  message: string,
): { readonly ok: false; readonly error: IdentityRefused } {
  return fail({ kind, file: identityFile, message })
}
