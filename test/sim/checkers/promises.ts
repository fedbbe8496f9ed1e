import type { Accuse, Checker } from './witness.ts'

/** A vote and an acknowledgement leave only when they are on disk (thesis §3.8); a member votes once a term through all its lives. */
export function promisesAreKept(accuse: Accuse): Checker {
  const votes = new Map<string, bigint>()

  function vote(id: number, term: number, candidate: bigint): void {
    const key = `${id} ${term}`
    const before = votes.get(key) ?? candidate
    if (before !== candidate) {
      accuse('one vote a term', `${id} votes for ${before} and ${candidate} in term ${term}`)
    }
    votes.set(key, candidate)
  }

  return {
    sent(member, message) {
      if (message.reject) return
      const { id, durable } = member
      if (message.type === 'MsgVoteResp') {
        vote(id, message.term, message.to)
        const { hardState } = durable
        const isKept = hardState.term === message.term && hardState.vote === message.to
        // A higher term on disk means that the vote was there before.
        if (!isKept && hardState.term <= message.term) {
          accuse('a vote is durable before it leaves', `${id} votes in term ${message.term}`)
        }
      }
      if (message.type === 'MsgAppResp' && message.index > durable.log.last) {
        const what = `${id} acknowledges ${message.index} of ${durable.log.last}`
        accuse('an entry is durable before it is acknowledged', what)
      }
    },
    saved({ id }, saving) {
      if (saving.kind !== 'save' || saving.hardState === null) return
      const { term, vote: candidate } = saving.hardState
      if (candidate !== 0n) vote(id, term, candidate)
    },
  }
}
