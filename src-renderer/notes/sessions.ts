import type { Extension } from '@codemirror/state'
import type { NoteId } from '../../src-shared/base/ids.ts'
import type { WindowBridge } from '../bridge.ts'
import { createStore, type Readable } from '../ui/store.ts'
import { NoteSession, type SessionPorts } from './session.ts'

/** Open notes that are kept with their undo history and place once another one is on the screen. */
export const keptSessionsMax = 12

export interface Sessions {
  open(id: NoteId): NoteSession
  /** A page that becomes a note with its first keystroke; `created` is then told its id. */
  draft(created: (id: NoteId) => void): NoteSession
  /** Steps of all notes that the main process has not taken yet. */
  readonly unsent: Readable<number>
  /** Notes that are gone for ever. */
  gone(ids: readonly NoteId[]): void
}

export function createSessions(bridge: WindowBridge, extensions: Extension): Sessions {
  /** In the order of their last use, the newest last. A draft joins when it becomes a note. */
  const kept = new Map<NoteId, NoteSession>()
  let draft: NoteSession | null = null
  const unsent = createStore(0)

  const count = (): void => {
    const all = [...kept.values(), ...(draft === null ? [] : [draft])]
    unsent.set(all.reduce((sum, session) => sum + session.status.get().unsent, 0))
  }
  const ports = (created: (id: NoteId) => void): SessionPorts => ({
    call: bridge.call,
    client: newClient(),
    extensions,
    after: (ms, call) => {
      const timer = setTimeout(call, ms)
      return () => clearTimeout(timer)
    },
    created,
  })
  const keep = (id: NoteId, session: NoteSession): void => {
    kept.delete(id)
    kept.set(id, session)
    for (const [oldId, old] of kept) {
      if (kept.size <= keptSessionsMax) break
      if (old.isAttached || old.status.get().unsent > 0) continue
      kept.delete(oldId)
      void bridge.call('notes/close', { id: oldId }).catch(() => {
        // A lost connection has closed it there already.
      })
    }
  }

  bridge.hear('note', (steps) => kept.get(steps.id)?.receive(steps))
  bridge.connection.subscribe(() => {
    if (bridge.connection.get().kind !== 'open') return
    for (const session of kept.values()) void session.resume()
    void draft?.resume()
  })

  return {
    unsent,
    open: (id) => {
      const known = kept.get(id)
      if (known !== undefined && !isOver(known)) {
        keep(id, known)
        return known
      }
      const session = new NoteSession(
        ports(() => {}),
        id,
      )
      session.status.subscribe(count)
      keep(id, session)
      void session.resume()
      return session
    },
    draft: (created) => {
      const session = new NoteSession(
        ports((id) => {
          if (draft === session) draft = null
          keep(id, session)
          created(id)
        }),
        null,
      )
      session.status.subscribe(count)
      draft = session
      return session
    },
    gone: (ids) => {
      for (const id of ids) kept.get(id)?.gone()
    },
  }
}

function isOver(session: NoteSession): boolean {
  const { phase } = session.status.get()
  return phase === 'gone' || phase === 'missing'
}

/** 96 random bits: no two windows of all devices ever share one. */
function newClient(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
