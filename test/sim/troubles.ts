/** What befalls a world of itself: each trouble comes at its own pace, as the profile has it. */
import type { ConfChangeSingle, ConfChangeV2 } from '../../src-main/raft/entry.ts'
import type { Member } from './member.ts'
import { readAt, tidyAt, writeAt } from './people.ts'
import { memberContext } from './process.ts'
import type { World } from './world.ts'

export function beginTroubles(world: World): void {
  const { profile } = world
  for (const member of world.all) {
    // A new leader does not know yet what its predecessors have committed.
    member.onElected = () => {
      if (!world.isTroubled || profile.readEveryMs === 0) return
      const read = (): void => readAt(world, member)
      world.schedule.after(world.dice.below(20_000), 'reads', member.life, read)
    }
  }
  nowAndThen(world, profile.crashEveryMs, () => crashSomebody(world))
  nowAndThen(world, profile.pauseEveryMs, () => pauseSomebody(world))
  nowAndThen(world, profile.cutEveryMs, () => cutSomewhere(world))
  nowAndThen(world, profile.fullEveryMs, () => fillDisk(world))
  nowAndThen(world, profile.writeEveryMs, () => {
    writeAt(world, world.dice.pick(world.all), world.dice.pick([0, 300, 5_000]))
  })
  nowAndThen(world, 5 * profile.writeEveryMs, () => tidyAt(world, world.dice.pick(world.all)))
  nowAndThen(world, profile.readEveryMs, () => readAt(world, world.dice.pick(world.all)))
  nowAndThen(world, profile.transferEveryMs, () => {
    const to = world.dice.pick(world.all).id
    world.leader()?.process?.replica.transferLeadership(BigInt(to))
  })
  nowAndThen(world, profile.churnEveryMs, () => changeGroup(world))
}

function nowAndThen(world: World, everyMs: number, happen: () => void): void {
  if (everyMs === 0) return
  const again = (): void => {
    if (!world.isTroubled) return
    happen()
    plan()
  }
  const plan = (): void => {
    world.schedule.after(1 + world.dice.below(2_000 * everyMs), 'trouble', null, again)
  }
  plan()
}

function crashSomebody(world: World): void {
  const { dice, profile } = world
  if (dice.chance(profile.crashAllPercent)) {
    for (const member of world.all) world.crash(member)
  } else world.crash(dice.pick(world.all))
}

/** Leaders rather than others: who wakes and still believes to lead is asked to read at once. */
function pauseSomebody(world: World): void {
  const { dice, profile, schedule } = world
  const leader = world.leader()
  const member = leader !== undefined && dice.chance(60) ? leader : dice.pick(world.all)
  const ms = 1 + dice.below(profile.pauseMsMax)
  world.pause(member, ms)
  schedule.after(ms * 1_000, 'wakes', member.life, () => readAt(world, member))
}

function cutSomewhere(world: World): void {
  const { dice, profile, network, schedule } = world
  world.partitions++
  const ids = world.all.map(({ id }) => id)
  const side = new Set(ids.filter(() => dice.chance(50)))
  const isOneWay = dice.chance(profile.oneWayPercent)
  const cut: [number, number][] = []
  for (const from of ids) {
    for (const to of ids) {
      if (side.has(from) && !side.has(to)) cut.push([from, to])
      if (!isOneWay && !side.has(from) && side.has(to)) cut.push([from, to])
    }
  }
  world.tell(`cut ${cut.map((way) => way.join('>')).join(' ')}`)
  for (const [from, to] of cut) network.cut(from, to)
  schedule.after(1_000 * (1 + dice.below(profile.cutMsMax)), 'heals', null, () => {
    for (const [from, to] of cut) network.heal(from, to)
  })
}

function fillDisk(world: World): void {
  const { dice, schedule } = world
  const member = dice.pick(world.all)
  let used = 0
  for (const content of member.disk.files().values()) used += content.length
  const capacity = used + dice.below(4_096)
  world.tell(`${member.id} has a full disk`)
  member.disk.capacity = capacity
  schedule.after(1_000 * (1 + dice.below(5_000)), 'space', null, () => {
    member.disk.capacity = Number.POSITIVE_INFINITY
  })
}

/** Somebody who leads changes who belongs to the group, by one or by several at once. */
function changeGroup(world: World): void {
  const { dice } = world
  const leader = world.leader()
  const replica = leader?.process?.replica
  const status = replica?.status()
  if (leader === undefined || replica === undefined || status === null || status === undefined) {
    return
  }
  const { voters, learners } = replica.confState
  const changes: ConfChangeSingle[] = []
  const how = dice.chance(30) ? 2 : 1
  for (let n = 0; n < how; n++) {
    const member = dice.pick(world.all)
    const nodeId = BigInt(member.id)
    const isGoing = member.standing === 'gone' || world.removing === member.id
    if (isGoing || changes.some((each) => each.nodeId === nodeId)) continue
    if (learners.includes(nodeId)) changes.push({ type: 'ConfChangeAddNode', nodeId })
    else if (voters.includes(nodeId)) {
      const type = mayRemove(world, member) ? 'ConfChangeRemoveNode' : 'ConfChangeAddLearnerNode'
      if (voters.length > 2) changes.push({ type, nodeId })
    } else changes.push({ type: 'ConfChangeAddLearnerNode', nodeId })
  }
  const [first] = changes
  if (first === undefined || !leavesMajority(voters, changes)) return
  const change: ConfChangeV2 = {
    kind: 'v2',
    transition: 'ConfChangeTransitionAuto',
    changes,
    context: memberContext(Number(first.nodeId), leader.id),
  }
  for (const { nodeId } of changes) {
    const member = world.member(Number(nodeId))
    if (member.standing === 'down' && member.life === null) world.start(member)
  }
  const told = changes.map(({ type, nodeId }) => `${type} ${nodeId}`).join(', ')
  world.tell(`${leader.id} proposes ${told}`)
  replica.proposeConfChange(change).catch((error: unknown) => {
    world.accuse('a change does not throw', String(error))
  })
}

/**
 * Those who stay are a majority of those who were. A configuration counts for a member when it applies it: few that stay, and do
 * not know yet that the others went, would wait for the votes of those for ever, whose logs may be longer (etcd#7625).
 */
function leavesMajority(voters: readonly bigint[], changes: readonly ConfChangeSingle[]): boolean {
  const going = changes.filter(({ nodeId }) => voters.includes(nodeId)).length
  return (voters.length - going) * 2 > voters.length
}

/** One in a run: two at once could leave no majority of those that are left. */
function mayRemove(world: World, member: Member): boolean {
  if (world.removing !== null && world.removing !== member.id) return false
  if (!world.dice.chance(15)) return false
  world.removing = member.id
  return true
}
