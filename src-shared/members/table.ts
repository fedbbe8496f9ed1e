import { assert } from '../base/assert.ts'
import type { DeviceId } from '../base/ids.ts'
import type { DeviceCommand, DeviceResult } from './command.ts'
import { isDeviceName, type MemberContext } from './context.ts'
import type { MemberEntry, MemberRecord, MemberTable } from './member.ts'

/** A configuration change that took effect: who came in and who left. A promotion or a demotion names nobody here. */
export interface MemberChange {
  readonly added: readonly DeviceId[]
  readonly removed: readonly DeviceId[]
  /** Known devices whose entry was repeated, e.g. promoted: they may bring newer addresses. */
  readonly kept: readonly DeviceId[]
}

/**
 * What a configuration change does to the table. A device that was removed never comes back under its id: its tombstone stays.
 */
export function applyMemberChange(
  table: MemberTable,
  change: MemberChange,
  context: MemberContext,
  index: number,
): MemberTable {
  const next = new Map(table)
  for (const id of change.added) {
    const known = table.get(id)
    if (known === undefined) next.set(id, newcomer(id, context, index))
    else if (known.removedAt === null) next.set(id, refreshed(known, context, index))
  }
  for (const id of change.kept) {
    const known = table.get(id)
    if (known?.removedAt === null) next.set(id, refreshed(known, context, index))
  }
  for (const id of change.removed) {
    const known = table.get(id) ?? newcomer(id, context, index)
    if (known.removedAt !== null) continue
    next.set(id, { ...known, removedAt: index, removedBy: context.by, changedAt: index })
  }
  return next
}

function newcomer(id: DeviceId, context: MemberContext, index: number): MemberEntry {
  const about = context.id === id ? context : null
  return {
    id,
    name: about?.name ?? `Device ${id.slice(-4)}`,
    addresses: about?.addresses ?? [],
    pin: about?.pin ?? null,
    addedAt: index,
    changedAt: index,
    removedAt: null,
    removedBy: null,
  }
}

function refreshed(known: MemberEntry, context: MemberContext, index: number): MemberEntry {
  if (context.id !== known.id || context.addresses === null) return known
  return { ...known, addresses: context.addresses, changedAt: index }
}

/** Deterministic, and never an exception: what a command can get wrong is an answer, equal everywhere. */
export function applyDeviceCommand(
  table: MemberTable,
  command: DeviceCommand,
  index: number,
): { readonly table: MemberTable; readonly result: DeviceResult } {
  const refuse = (result: DeviceResult) => ({ table, result })
  if (isTombstoned(table, command.client)) return refuse({ kind: 'removed' })
  const known = table.get(command.id)
  if (known === undefined || known.removedAt !== null) return refuse({ kind: 'no-device' })
  if (known.changedAt !== command.base) return refuse({ kind: 'stale' })
  if (!isDeviceName(command.name)) return refuse({ kind: 'invalid', reason: 'the name' })
  const next = new Map(table).set(command.id, { ...known, name: command.name, changedAt: index })
  return { table: next, result: { kind: 'applied', index } }
}

export function isTombstoned(table: MemberTable, id: DeviceId): boolean {
  const known = table.get(id)
  return known !== undefined && known.removedAt !== null
}

/** Those who are in the group now, by id. */
export function currentMembers(table: MemberTable): readonly MemberEntry[] {
  return sortedMembers(table).filter((member) => member.removedAt === null)
}

/** All, tombstones included, by id: one order on every device. */
export function sortedMembers(table: MemberTable): readonly MemberEntry[] {
  return [...table.values()].sort((a, b) => Number(a.id) - Number(b.id))
}

/**
 * Two tables from two devices of one group, the first known at `index` of the log, the other at `otherIndex`: newcomers and
 * tombstones of either are kept, and what both know is taken from the one that is further. Never applied to the replicated
 * table; it is what a device that was away goes by until the log reaches it.
 */
export function mergeTables(
  one: { readonly members: readonly MemberRecord[]; readonly index: number },
  other: { readonly members: readonly MemberRecord[]; readonly index: number },
): readonly MemberRecord[] {
  const [older, newer] = one.index <= other.index ? [one, other] : [other, one]
  const merged = new Map<DeviceId, MemberRecord>()
  for (const member of older.members) merged.set(member.id, member)
  for (const member of newer.members) {
    const before = merged.get(member.id)
    const isBuried = member.removedAt === null && before !== undefined && before.removedAt !== null
    // Nothing in the log brings a removed device back, so a tombstone is the later word whoever says it.
    if (!isBuried) merged.set(member.id, member)
  }
  assert(merged.size >= newer.members.length, 'a merge forgets nobody')
  return [...merged.values()].sort((a, b) => Number(a.id) - Number(b.id))
}
