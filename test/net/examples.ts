import { type Credential, newCredential } from '../../src-main/identity/credential.ts'
import type { Hello } from '../../src-main/net/hello.ts'
import { newMessage } from '../../src-main/raft/message.ts'
import type { MemberRecord } from '../../src-shared/members/member.ts'
import { seededRandom } from '../support/seeded-random.ts'

export const clusterA = 'a'.repeat(32)
export const clusterB = 'b'.repeat(32)

const credentials = new Map<string, Credential>()

/** The key of a device of the tests, always the same. */
export function credentialFor(id: string): Credential {
  const known = credentials.get(id) ?? newCredential(seededRandom(Number(id)))
  credentials.set(id, known)
  return known
}

export function member(id: string, fields: Partial<MemberRecord> = {}): MemberRecord {
  return {
    id,
    name: `device ${id}`,
    addresses: [],
    pin: credentialFor(id).pin,
    addedAt: 1,
    removedAt: null,
    removedBy: null,
    ...fields,
  }
}

export function hello(id: string, fields: Partial<Hello> = {}): Hello {
  return {
    cluster: clusterA,
    id,
    name: `device ${id}`,
    version: '0.1.0',
    boot: 1,
    session: id.padStart(32, '0'),
    addresses: [],
    members: [],
    ...fields,
  }
}

export function heartbeat(from: string, to: string, term = 1) {
  return newMessage('MsgHeartbeat', { from: BigInt(from), to: BigInt(to), term })
}
