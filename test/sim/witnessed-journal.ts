import type { SnapshotMetadata } from '../../src-main/raft/entry.ts'
import type { Journal, SnapshotReader, StagedSnapshot } from '../../src-main/replica/ports.ts'
import type { Saving } from './checkers/witness.ts'

export interface JournalWitness {
  saving(saving: Saving): void
  /** It is durable: the first of those that were told of. */
  saved(saving: Saving): void
  /** Nothing of it was stored. */
  refused(saving: Saving): void
  snapshotSaved(metadata: SnapshotMetadata): void
}

/** The real journal, and somebody who hears what it is asked and what it says to be durable. */
export function witnessed(journal: Journal, witness: JournalWitness): Journal {
  async function told<T>(saving: Saving, work: () => Promise<T>): Promise<T> {
    witness.saving(saving)
    try {
      const done = await work()
      witness.saved(saving)
      return done
    } catch (cause) {
      witness.refused(saving)
      throw cause
    }
  }

  return {
    save: (hardState, entries) =>
      told({ kind: 'save', hardState, entries }, () => journal.save(hardState, entries)),
    async saveSnapshot(metadata, state, releaseUpTo) {
      await journal.saveSnapshot(metadata, state, releaseUpTo)
      witness.snapshotSaved(metadata)
    },
    openSnapshot: () => journal.openSnapshot(),
    receiveSnapshot: (metadata) => journal.receiveSnapshot(metadata),
    installSnapshot: (staged: StagedSnapshot): Promise<SnapshotReader> =>
      told({ kind: 'install', metadata: staged.metadata }, () => journal.installSnapshot(staged)),
    close: () => journal.close(),
  }
}
