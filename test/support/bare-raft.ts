import { becomeCandidate, becomeLeader, becomePreCandidate } from '../../src-main/raft/become.ts'
import { type Config, settingsOf } from '../../src-main/raft/config.ts'
import { MemoryStorage } from '../../src-main/raft/log/memory-storage.ts'
import type { Raft } from '../../src-main/raft/raft.ts'
import { newRaft } from '../../src-main/raft/start.ts'
import { snapshotOf } from './entries.ts'
import { RecordingLogger } from './recording-logger.ts'

export type RoleName = 'follower' | 'pre-candidate' | 'candidate' | 'leader'

/** Member 1 of three voters, without anybody who drives it. */
export function bareRaft(config: Partial<Config> = {}): Raft {
  const storage = new MemoryStorage()
  storage.applySnapshot(snapshotOf(0, 0))
  const settings = settingsOf({
    id: 1n,
    electionTick: 10,
    heartbeatTick: 1,
    storage,
    random: { below: () => 0 },
    logger: new RecordingLogger(),
    maxSizePerMsg: Number.POSITIVE_INFINITY,
    maxInflightMsgs: 256,
    ...config,
  })
  if (!settings.ok) throw new Error(settings.error.claim)
  return newRaft(settings.value)
}

/** The same in a role, by its own transitions and nothing else. */
export function bareRaftAs(role: RoleName, config: Partial<Config> = {}): Raft {
  const raft = bareRaft(config)
  if (role === 'pre-candidate') becomePreCandidate(raft)
  if (role === 'candidate' || role === 'leader') becomeCandidate(raft)
  if (role === 'leader') becomeLeader(raft)
  raft.messages = []
  raft.promises = []
  return raft
}
