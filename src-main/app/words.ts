import type { Consequences } from '../../src-shared/ipc/contract.ts'

/**
 * What the window says, decided in one place and free of everything else. Short, human, no blame; never "quorum",
 * "term" or "learner". Each sentence says what is, what is kept, and what happens next.
 */

export interface MemberView {
  readonly id: string
  readonly name: string
  readonly role: 'voter' | 'learner'
  readonly isSelf: boolean
  /** Null: nobody who would know has been heard. */
  readonly online: boolean | null
  /** It holds the last change of every note; null when unknown. */
  readonly holdsAll: boolean | null
}

export interface GroupView {
  readonly members: readonly MemberView[]
  readonly leaderId: string | null
  /** Edits that only this device has. */
  readonly pending: number
  readonly trouble: string | null
  /** Set once this device was removed: the name of who did it, when known. */
  readonly removed: { readonly by: string | null } | null
}

/** The one sentence of the sidebar. */
export function sentence(group: GroupView): string {
  if (group.trouble !== null) return group.trouble
  if (group.removed !== null) return removedSentence(group.removed.by, group.pending)
  const total = group.members.length
  if (total <= 1) return 'All notes are saved on this device.'
  if (group.leaderId === null) return leaderlessSentence(group)
  const away = group.members.filter((member) => !member.isSelf && member.online === false)
  const missing = away.length === 0 ? '' : ` ${asleep(away)} and will catch up later.`
  return `${safetySentence(group)}${missing}`
}

function safetySentence({ members, pending }: GroupView): string {
  if (pending > 0) return `${edits(pending)} on the way to the others; saved on this device.`
  const total = members.length
  const holding = members.filter((member) => member.holdsAll === true).length
  if (holding === total) return `All notes are on all ${total} devices.`
  if (holding >= 2) return `All notes are safe (${holding} of ${total}).`
  const catching = members.filter((member) => member.holdsAll === false && member.online !== false)
  if (catching.length === 0) return 'All notes are saved on this device.'
  return `All notes are saved here; ${nameList(catching)} ${are(catching)} catching up.`
}

function leaderlessSentence(group: GroupView): string {
  const others = group.members.filter((member) => !member.isSelf && member.online !== true)
  const kept =
    group.pending > 0
      ? `Your edits are kept here (${group.pending} so far)`
      : 'Your edits are kept here'
  if (others.length === 0) return `${kept} while the devices agree on who leads.`
  if (others.length < majorityMissing(group)) {
    return `${asleep(others)}. ${kept} for a moment, until another device leads.`
  }
  const wake = others.length === 1 ? 'it wakes' : 'one of them wakes'
  return `${asleep(others)}. ${kept} and will be shared when ${wake}.`
}

/** So many voters gone, and nothing can be agreed. */
function majorityMissing({ members }: GroupView): number {
  const voters = members.filter((member) => member.role === 'voter').length
  return voters - Math.floor(voters / 2)
}

export function removedSentence(by: string | null, pending: number): string {
  const who = by === null ? 'This device was removed from its group.' : `${by} removed this device.`
  const left = pending === 0 ? '' : ` ${edits(pending)} never reached the others.`
  return `${who} Its notes stay readable here.${left}`
}

export interface RemovalView {
  readonly members: readonly MemberView[]
  readonly targetId: string
  readonly leaderId: string | null
  /** Notes whose last change only the target is known to hold beside this device's knowledge; 0 when none. */
  readonly heldNowhereElse: number
  readonly pending: number
}

/** What removing a device would mean. Refused where it would leave too few to agree on anything. */
export function removalConsequences(view: RemovalView): Consequences {
  const target = view.members.find((member) => member.id === view.targetId)
  if (target === undefined) {
    return { allowed: false, lines: ['This device is not a member of the group any more.'] }
  }
  const others = view.members.filter((member) => member !== target)
  if (others.length === 0) {
    return { allowed: false, lines: ['This is the only device: there is nothing to leave.'] }
  }
  const refusal = refusalToRemove(view, target)
  if (refusal !== null) return { allowed: false, lines: [refusal] }
  const lines = target.isSelf ? leaveLines(view) : removeLines(target)
  if (others.length === 1) {
    lines.push('One device remains: notes will then be kept on that one alone.')
  }
  if (view.heldNowhereElse > 0) {
    const notes = view.heldNowhereElse === 1 ? '1 note' : `${view.heldNowhereElse} notes`
    lines.push(`The newest text of ${notes} is on that device only, and would be lost.`)
  }
  return { allowed: true, lines }
}

function leaveLines(view: RemovalView): string[] {
  const lines = [
    'This device leaves the group for good. Its notes stay readable here, but nothing is shared any more.',
  ]
  if (view.pending > 0)
    lines.push(`${edits(view.pending)} on this device never reached the others.`)
  return lines
}

function removeLines(target: MemberView): string[] {
  const lines = [
    `${target.name} leaves the group for good and on all devices. To come back it has to be added again with a new code.`,
  ]
  lines.push(
    target.online === true
      ? `It keeps what it has, but gets nothing new. Notes already on it are not erased.`
      : `It is asleep now: edits made on it since it was last here will not be taken in. Notes already on it are not erased.`,
  )
  return lines
}

/** Null when it may be removed: the remaining voters that can be reached are a majority, before the change and after it. */
export function refusalToRemove(
  { members, leaderId }: Pick<RemovalView, 'members' | 'leaderId'>,
  target: MemberView,
): string | null {
  const voters = members.filter((member) => member.role === 'voter')
  const missing = voters.filter((member) => !isHere(member))
  if (leaderId === null || voters.length - missing.length < majority(voters.length)) {
    if (voters.length === 2 && members.length === 2 && !target.isSelf) {
      return `${target.name} is out of reach, and two devices only agree together. When it is lost for good, use Recover with this copy.`
    }
    return `${cannotAgree(missing)}, so the devices cannot agree on this now.`
  }
  const left = voters.filter((member) => member !== target)
  if (left.length === 0) {
    return `${target.name} is the only device that can decide; the others are still catching up.`
  }
  const reachable = left.filter(isHere)
  if (reachable.length < majority(left.length)) {
    const away = left.filter((member) => !isHere(member))
    return `Without ${target.name} too few devices could agree, because ${nameList(away)} ${are(away)} asleep. Wake ${away.length === 1 ? 'it' : 'one of them'} first.`
  }
  return null
}

export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1
}

function isHere(member: MemberView): boolean {
  return member.isSelf || member.online === true
}

/** Why nothing can be agreed now: to grey an action, or to refuse it. */
export function cannotAgree(missing: readonly { readonly name: string }[]): string {
  if (missing.length === 0) return 'No device leads at the moment'
  return asleep(missing)
}

export function asleep(members: readonly { readonly name: string }[]): string {
  return `${nameList(members)} ${are(members)} asleep`
}

function are(members: readonly unknown[]): string {
  return members.length === 1 ? 'is' : 'are'
}

/** "Desktop", "Desktop and ThinkPad", "Desktop, NAS and ThinkPad". */
export function nameList(members: readonly { readonly name: string }[]): string {
  const names = members.map((member) => member.name).sort()
  const last = names.pop() ?? ''
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`
}

function edits(count: number): string {
  return count === 1 ? '1 edit' : `${count} edits`
}
