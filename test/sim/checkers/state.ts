import type { Accuse, Checker } from './witness.ts'

/** Entries are applied in order, each once in a life; at one index all members have the same state, however they came to it. */
export function statesAgree(accuse: Accuse): Checker {
  const digests = new Map<number, string>()
  const last = new Map<number, number>()
  return {
    recovered({ id }, { snapshot }) {
      last.set(id, snapshot?.index ?? 0)
    },
    applied({ id }, entries) {
      for (const { index } of entries) {
        const before = last.get(id) ?? 0
        if (index !== before + 1) {
          accuse('entries are applied in order', `${id} applies ${index} after ${before}`)
        }
        last.set(id, index)
      }
    },
    settled({ id }, { index, digest }) {
      last.set(id, index)
      const other = digests.get(index) ?? digest
      if (other !== digest) accuse('states agree', `${id} has another state at ${index}`)
      digests.set(index, other)
    },
  }
}
