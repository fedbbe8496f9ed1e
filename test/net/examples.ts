import type { Hello } from '../../src-main/net/hello.ts'
import { newMessage } from '../../src-main/raft/message.ts'
import type { MemberRecord } from '../../src-shared/members/member.ts'

export const clusterA = 'a'.repeat(32)
export const clusterB = 'b'.repeat(32)

export function member(id: string, fields: Partial<MemberRecord> = {}): MemberRecord {
  return {
    id,
    name: `device ${id}`,
    addresses: [],
    pin: null,
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
