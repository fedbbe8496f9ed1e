import type { MemberStatus } from '../../src-shared/ipc/contract.ts'
import { relativeTimeInWords } from '../ui/time.ts'

/** What stands after a device's name: "holds 1,204 of 1,204 · leads". */
export function memberWords(member: MemberStatus, total: number, now: number): string {
  return [whereabouts(member, total, now), member.isLeader ? 'leads' : '']
    .filter((part) => part !== '')
    .join(' · ')
}

function whereabouts(member: MemberStatus, total: number, now: number): string {
  if (member.role === 'learner') return `catching up${held(member, total, ': ')}`
  if (member.isSelf || member.online === true) {
    return member.holds === null ? 'awake' : held(member, total, 'holds ')
  }
  if (member.online === null) return 'not known right now'
  if (member.lastSeen === null) return 'asleep'
  return `asleep, last heard ${relativeTimeInWords(member.lastSeen, now)}`
}

function held(member: MemberStatus, total: number, before: string): string {
  if (member.holds === null) return ''
  if (total === 0) return 'no notes yet'
  return `${before}${member.holds.toLocaleString('en')} of ${total.toLocaleString('en')}`
}
