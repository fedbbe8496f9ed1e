import type { Clock } from '../../src-shared/base/clock.ts'
import type { DeviceId } from '../../src-shared/base/ids.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { Random } from '../../src-shared/base/random.ts'
import { codeCheck } from '../identity/code-check.ts'
import { pairWith } from '../identity/pair-with.ts'
import type { PairedNewcomer, PairingRefused, PairingRefusedKind } from '../identity/pairing.ts'
import { pairingDialler } from '../net/pairing-link.ts'
import { tlsChannel } from '../net/tls-channel.ts'
import type { Log } from '../replica/ports.ts'
import type { RefusalKind, Refused } from './device-api.ts'
import type { Member } from './member.ts'

export interface InvitingPorts {
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  /** Of ours, as they are now. */
  readonly addresses: readonly string[]
  readonly member: Member
  readonly name: string
}

/** How long the newcomer may take to have joined before the addition is answered all the same: it is committed by then. */
export const joinedMs = 10_000

/**
 * Lets a newcomer in, from a member: the code first, then whether its notes come along, then whether the group can agree,
 * and only then is the code spent. The change is asked of the leader.
 */
export async function invite(
  ports: InvitingPorts,
  ask: { readonly address: string; readonly code: string; readonly bring: boolean },
): Promise<Outcome<{ readonly deviceId: DeviceId }, Refused>> {
  const { random, clock, member } = ports
  const { credential } = member.identity
  const { address, code } = ask
  const dial = pairingDialler(tlsChannel(clock, credential), clock)
  const { pin } = credential
  const paired = await pairWith({ address, code, pin, dial, check: codeCheck(random), clock })
  if (!paired.ok) return fail(asRefused(paired.error))
  const { newcomer } = paired.value
  const refused = await whyNot(member, paired.value, ask.bring)
  if (refused !== null) {
    paired.value.abandon()
    return fail(refused)
  }
  const host = { id: member.selfId, name: ports.name, bring: ask.bring }
  const confirmed = await paired.value.confirm(host)
  if (!confirmed.ok) return fail(asRefused(confirmed.error))
  const { id, name, addresses } = newcomer
  const added = await member.group.add({ id, name, addresses: [...addresses], pin: newcomer.pin })
  if (!added.ok) {
    paired.value.abandon()
    return added
  }
  await complete(ports, paired.value, ask.bring)
  return ok({ deviceId: id })
}

async function whyNot(
  member: Member,
  { newcomer }: PairedNewcomer,
  bring: boolean,
): Promise<Refused | null> {
  if (newcomer.hasNotes && !bring) {
    return {
      kind: 'newcomer-has-notes',
      message: `${newcomer.name} has notes of its own. Add it with its notes, or not at all; the code is still good.`,
    }
  }
  const can = await member.group.canChange()
  if (can.ok) return null
  return { ...can.error, message: `${can.error.message} The code is still good.` }
}

/** It is a member by now, whatever becomes of this. */
async function complete(
  { member, clock, log, addresses }: InvitingPorts,
  paired: PairedNewcomer,
  bring: boolean,
): Promise<void> {
  const { clusterId } = member.identity
  const { id } = paired.newcomer
  // What the log has of ourselves may be from another network.
  const members = member.roster
    .addressBook()
    .map((record) => (record.id === member.selfId ? { ...record, addresses } : record))
  const invitation = { clusterId, id, members, bring }
  const completing = paired.complete(invitation).then((joined) => {
    if (!joined.ok) log.warn(`app: ${id} was added and has not joined: ${joined.error.kind}`)
  })
  let stopClock: () => void = () => undefined
  const late = new Promise<void>((resolve) => {
    stopClock = clock.after(joinedMs, resolve)
  })
  await Promise.race([completing, late])
  stopClock()
}

const kinds: Readonly<Record<PairingRefusedKind, RefusalKind>> = {
  'wrong-code': 'wrong-code',
  burnt: 'code-burnt',
  expired: 'code-expired',
  closed: 'code-expired',
  busy: 'not-now',
  'not-allowed': 'not-now',
  unreachable: 'unreachable',
  'timed-out': 'unreachable',
  malformed: 'malformed',
  failed: 'not-now',
}

function asRefused({ kind, message, triesLeft }: PairingRefused): Refused {
  const left = triesLeft === null ? '' : ` ${triesLeft} more ${triesLeft === 1 ? 'try' : 'tries'}.`
  return { kind: kinds[kind], message: `${message}${left}` }
}
