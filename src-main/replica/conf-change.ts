import { InvariantBroken } from '../../src-shared/base/assert.ts'
import type { ConfChangeV2, Entry } from '../raft/entry.ts'
import { decodeConfChange, decodeConfChangeV2 } from '../raft/wire/conf-change.ts'

/** The change that a committed entry carries, an older one in its newer form. An entry without data leaves a joint configuration. */
export function decodedConfChange(entry: Entry): ConfChangeV2 {
  const data = entry.data ?? new Uint8Array(0)
  if (entry.type === 'EntryConfChangeV2') {
    const decoded = decodeConfChangeV2(data)
    if (decoded.ok) return decoded.value
  } else {
    const decoded = decodeConfChange(data)
    if (decoded.ok) {
      const { type, nodeId, context } = decoded.value
      return {
        kind: 'v2',
        transition: 'ConfChangeTransitionAuto',
        changes: [{ type, nodeId }],
        context,
      }
    }
  }
  throw new InvariantBroken(`the configuration change committed at ${entry.index} can be read`)
}
