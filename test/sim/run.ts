import { Dice } from './editing/dice.ts'
import type { Member } from './member.ts'
import { drawProfile, type Profile } from './profile.ts'
import { beginTroubles } from './troubles.ts'
import { World } from './world.ts'

export interface Report {
  readonly seed: number
  readonly hash: number
  readonly events: number
  readonly crashRestarts: number
  readonly partitions: number
  readonly acknowledged: number
  readonly reads: number
  readonly entries: number
  readonly violations: readonly string[]
}

/** After all is healed the group must have come to rest within this, in ms of virtual time. */
export const restMsMax = 90_000
/** Entries in a log above what its limits say: what was applied while a slow disk took the last snapshot. */
const logSlack = 2_000

/** One world from its seed to its end. */
export async function runSeed(
  seed: number,
  tell: (line: string) => void = () => undefined,
  given?: Profile,
): Promise<Report> {
  const profile = given ?? drawProfile(new Dice(seed ^ 0x5eed))
  const world = new World({ seed, profile, tell })
  world.tell(JSON.stringify(profile))
  for (const member of world.all) if (member.isFounder) world.start(member)
  beginTroubles(world)
  await world.run(profile.troubleMs)
  await rest(world)
  return {
    seed,
    hash: world.schedule.hash,
    events: world.schedule.events,
    crashRestarts: world.crashes,
    partitions: world.partitions,
    acknowledged: world.history.acknowledged,
    reads: world.history.reads,
    entries: Math.max(0, ...world.all.map(({ durable }) => durable.log.last)),
    violations: world.violations,
  }
}

/** Nothing more goes wrong: the group comes to rest, with everything that anybody was told. */
export async function rest(world: World): Promise<void> {
  world.isTroubled = false
  world.tell('healed')
  world.network.healAll()
  for (const member of world.all) {
    member.disk.capacity = Number.POSITIVE_INFINITY
    const wasThere = member.isFounder || member.life !== null
    if (wasThere && member.standing === 'down') world.start(member)
  }
  const isAtRest = await world.until(() => isQuiet(world), restMsMax)
  if (world.violations.length > 0) return
  if (isAtRest) return examine(world)
  if (world.profile.kind === 'recoverable') {
    world.accuse('a healed group comes to rest', world.all.map(describe).join('; '))
  }
}

function belongs(world: World): readonly Member[] {
  const conf = world.leader()?.confState()
  const ids = [...(conf?.voters ?? []), ...(conf?.learners ?? [])].map(Number)
  return ids.map((id) => world.member(id))
}

function isQuiet(world: World): boolean {
  const leader = world.leader()
  const status = leader?.status()
  if (leader === undefined || status === null || status === undefined) return false
  if (leader.confState().votersOutgoing.length > 0) return false
  const { commit } = status.hardState
  if (commit !== leader.believed.last) return false
  return belongs(world).every(({ process, standing }) => {
    if (standing === 'refused' && world.profile.kind === 'anything') return true
    if (process?.isOpen !== true || process.machine.index !== commit) return false
    return process.leader === BigInt(leader.id) && process.courier.sizes.commands === 0
  })
}

/** Bytes, words and bounds, once nothing moves any more. */
function examine(world: World): void {
  const members = belongs(world).filter(({ process }) => process !== null)
  const images = new Set(members.map(imageOf))
  if (images.size > 1) world.accuse('states are equal to the byte', `${images.size} of them`)
  for (const { id, process } of members) {
    const { profile } = world
    const length = (process?.storage.lastIndex() ?? 0) - (process?.storage.firstIndex() ?? 0)
    if (length > profile.snapshotEntries + profile.trailingEntries + logSlack) {
      world.accuse('the log is bounded', `${id} keeps ${length} entries`)
    }
  }
  const state = members[0]?.process?.machine.state
  const texts = [...(state?.notes.values() ?? [])].map(({ body }) => body)
  const faults = world.history.faults(texts, ({ told, member }) => {
    const { standing, isRotten } = world.member(member)
    return (
      told === 'saved' && (isRotten || standing !== 'up' || !members.includes(world.member(member)))
    )
  })
  for (const fault of faults.slice(0, 3)) world.accuse('every word once', fault)
}

function imageOf({ process }: Member): string {
  const parts: string[] = []
  for (const { key, bytes } of process?.machine.freeze().records(0) ?? []) {
    parts.push(`${key} ${Buffer.from(bytes ?? []).toString('base64')}`)
  }
  return parts.sort().join('\n')
}

function describe({ id, standing, isLeader, term, process, believed }: Member): string {
  const { machine, courier, leader } = process ?? {}
  const words = courier?.sizes.commands
  return `${id} ${standing}${isLeader ? ' leads' : ''} term ${term} last ${believed.last} applied ${machine?.index} leader ${leader} pending ${words}`
}
