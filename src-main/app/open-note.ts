import type { WindowId } from '../../src-shared/ipc/contract.ts'
import type { Document } from '../../src-shared/notes/document.ts'
import type { PendingNote } from '../../src-shared/notes/pending.ts'

/** Somebody who wants to know when what was pending at this moment is agreed to. */
export interface Waiter {
  /** The last of its commands. An unsent one may be renumbered downwards, never upwards. */
  readonly seq: number
  settle(fate: Fate): void
}

export type Fate =
  | { readonly kind: 'applied'; readonly rev: number; readonly index: number }
  /** The note was purged by somebody else; its words went into a note of their own, if there were any. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused'; readonly reason: string }
  /** This device is not a member any more. */
  | { readonly kind: 'removed' }

/** A note that a window has open, or of which something is pending here. */
export interface OpenNote {
  document: Document
  readonly windows: Set<WindowId>
  readonly waiters: Set<Waiter>
  /** The newest pending note that the outbox is known to hold; null: nothing yet. */
  durable: PendingNote | null
  /** The last one that was handed to the outbox. */
  handed: PendingNote
  /** Resolves when what was handed is durable; rejects when the disk refused it. */
  saving: Promise<void>
  /** By the clock: when it was last handed on, and when last proposed. */
  savedAt: number
  proposedAt: number
  /** A burst of typing is being gathered; the answer ends it without saving. */
  stopBurst: (() => void) | null
}

/** Nothing holds it open any more. */
export function isIdle({ document, windows, waiters, stopBurst }: OpenNote): boolean {
  const isEmpty = document.pending.commands.length === 0
  return isEmpty && windows.size === 0 && waiters.size === 0 && stopBurst === null
}
