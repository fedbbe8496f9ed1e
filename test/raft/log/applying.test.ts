import { expect, test } from 'vitest'
import { encodedSize } from '../../../src-main/raft/log/entry-size.ts'
import { MemoryStorage } from '../../../src-main/raft/log/memory-storage.ts'
import { RaftLog } from '../../../src-main/raft/log/raft-log.ts'
import { entriesOf, namesOf } from '../../support/entries.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'

const entries = entriesOf(1, 1, 1, 1, 1, 1, 1)
const one = encodedSize(entries.slice(0, 1))

/**
 * Six entries, committed up to `committed`, of which `room` bytes may be under way to the state
 * machine.
 */
function logWith(room: number, committed = 6): RaftLog {
  const storage = new MemoryStorage()
  storage.append(entries)
  const log = new RaftLog({ storage, logger: new RecordingLogger(), applyingSizeMax: room })
  log.commitTo(committed)
  return log
}

function take(log: RaftLog): string {
  const handed = log.nextCommitted(true)
  log.acceptApplying(handed, true)
  return namesOf(handed)
}

test('[B46] what is handed out and not acknowledged stays below the limit, over any number of hand-outs', () => {
  const log = logWith(3 * one)
  expect(take(log)).toBe('1/1 1/2 1/3')
  expect(take(log)).toBe('')
  log.appliedTo(1, one)
  expect(take(log)).toBe('1/4')
  expect(take(log)).toBe('')
  log.appliedTo(4, 3 * one)
  expect(take(log)).toBe('1/5 1/6')
})

test('[B46] a hand-out that the limit cut short pauses, though there are bytes left', () => {
  const log = logWith(3 * one - 1)
  expect(take(log)).toBe('1/1 1/2')
  expect(log.hasNextCommitted(true)).toBe(false)
  log.appliedTo(1, one)
  expect(take(log)).toBe('1/3')
})

test('[B46] at the limit nothing more goes, one byte below it the next entry does', () => {
  const takenThenCommitted = (room: number) => {
    const log = logWith(room, 5)
    expect(take(log)).toBe(namesOf(entries.slice(0, 5)))
    log.commitTo(6)
    return log.hasNextCommitted(true)
  }
  expect(takenThenCommitted(5 * one)).toBe(false)
  expect(takenThenCommitted(5 * one + 1)).toBe(true)
})

test('[B46] acknowledging resumes only once there is room', () => {
  const log = logWith(2 * one)
  take(log)
  log.appliedTo(0, 0)
  expect(log.hasNextCommitted(true)).toBe(false)
  log.appliedTo(1, one)
  expect(log.hasNextCommitted(true)).toBe(true)
})

test('[B46] acknowledging more than was handed out leaves nothing outstanding, not less than nothing', () => {
  const log = logWith(2 * one)
  take(log)
  log.appliedTo(2, 100 * one)
  expect(take(log)).toBe('1/3 1/4')
  expect(take(log)).toBe('')
})

test('[B46] a single entry above the limit still goes, one at a time', () => {
  const log = logWith(1)
  expect(take(log)).toBe('1/1')
  expect(take(log)).toBe('')
  log.appliedTo(1, one)
  expect(take(log)).toBe('1/2')
})
