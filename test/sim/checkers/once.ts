import type { Applied } from '../../../src-shared/notes/apply-entry.ts'
import type { Accuse } from './witness.ts'

/** A command takes effect once, at one index of the log, however often it was proposed; a device's commands in its order (thesis §6.3). */
export function takesEffectOnce(
  accuse: Accuse,
): (id: number, applied: Applied, index: number) => void {
  const effects = new Map<string, number>()
  const counts = new Map<string, { readonly seq: number; readonly index: number }>()
  return (id, applied, index) => {
    if (applied.kind !== 'note' || applied.result.kind !== 'applied') return
    const { noteId, client, seq } = applied.command
    const command = `${noteId} ${client} ${seq}`
    const before = effects.get(command) ?? index
    if (before !== index) {
      accuse('a command takes effect once', `${id}: ${command} at ${before} and at ${index}`)
    }
    effects.set(command, before)
    const last = counts.get(`${noteId} ${client}`)
    if (last !== undefined && last.index >= index) return
    if (seq !== (last?.seq ?? 0) + 1) {
      accuse('commands take effect in order', `${id}: ${command} after ${last?.seq}`)
    }
    counts.set(`${noteId} ${client}`, { seq, index })
  }
}
