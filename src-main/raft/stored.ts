import type { Snapshot } from './entry.ts'
import { encodedSize, payloadSize } from './log/entry-size.ts'
import type { MessageOf } from './message.ts'
import { proposeLeaveJoint } from './propose.ts'
import type { Raft } from './raft.ts'
import { releaseUncommitted } from './replicate.ts'
import { describeConfiguration } from './tracker/describe.ts'

/** What the storage threads, or a driver that does their work, have done for us. */

/** The disk has the log up to an entry, or a snapshot in its place. */
export function appendStored(
  raft: Raft,
  { index, logTerm, snapshot }: MessageOf<'MsgStorageAppendResp'>,
): void {
  if (index !== 0) raft.log.unstable.stableTo({ term: logTerm, index })
  if (snapshot !== null && snapshot.metadata.index !== 0) snapshotStored(raft, snapshot)
}

/** The state machine has applied these. */
export function applied(raft: Raft, { entries }: MessageOf<'MsgStorageApplyResp'>): void {
  const last = entries.at(-1)
  if (last === undefined) return
  appliedTo(raft, last.index, encodedSize(entries))
  if (raft.role.kind === 'leader') releaseUncommitted(raft.role, payloadSize(entries))
}

function snapshotStored(raft: Raft, { metadata: { index } }: Snapshot): void {
  raft.log.unstable.stableSnapshotTo(index)
  appliedTo(raft, index, 0)
}

function appliedTo(raft: Raft, index: number, size: number): void {
  const { log, role, logger } = raft
  log.appliedTo(Math.max(index, log.applied), size)
  if (role.kind !== 'leader' || !raft.configuration.autoLeave) return
  if (log.applied < role.pendingConfIndex) return
  // Asked again with every apply: a transfer that is under way may fail, or its target does this.
  const configuration = describeConfiguration(raft.configuration)
  const stepped = proposeLeaveJoint(raft, role)
  if (stepped.ok) {
    logger.info(`initiating automatic transition out of joint configuration ${configuration}`)
  } else {
    logger.debug(
      `not initiating automatic transition out of joint configuration ${configuration}: ` +
        'raft proposal dropped',
    )
  }
}
