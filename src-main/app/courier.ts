import type { Clock } from '../../src-shared/base/clock.ts'
import type { NoteId } from '../../src-shared/base/ids.ts'
import type { Outcome } from '../../src-shared/base/outcome.ts'
import type { NoteCommand } from '../../src-shared/notes/command.ts'
import { encodeCommand } from '../../src-shared/notes/command-codec.ts'
import { inFlightMax } from '../../src-shared/notes/document.ts'
import type { PendingNote } from '../../src-shared/notes/pending.ts'
import { markSent, proposals, resend } from '../../src-shared/notes/sending.ts'
import { DiskFailed } from '../journal/disk.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { isIdle, type OpenNote } from './open-note.ts'

export interface CourierPorts {
  readonly outbox: Outbox
  readonly clock: Clock
  /** Hands an entry to the leader, or refuses when there is none. */
  propose(entry: Uint8Array): Outcome<void, unknown>
  /** What is typed can(not) be saved: the disk is full or read-only; null: again it can. */
  blocked(why: 'full' | 'read-only' | null): void
  /** The disk failed for good. */
  failed(error: unknown): void
  /** Nothing keeps the note open any more. */
  idle(open: OpenNote): void
}

/** Notes with something on its way at one time, and its bytes: what the way to the leader holds without dropping. */
export const flyingNotesMax = 256
export const flyingBytesMax = 4 * 1024 * 1024
/** Without an answer for so long a proposal counts as lost. Proposing it again does no harm: it is applied once. */
export const resendMs = 2_000
/** How often a full disk is tried again. */
export const diskRetryMs = 1_000

/**
 * From a note's queue to the log: into the outbox first, durably; then proposed, and proposed again until the note shows
 * it. The one place that may let a command leave this device.
 */
export class Courier {
  readonly #ports: CourierPorts
  readonly #inFlight: number
  /** Notes with commands pending. */
  readonly #pending = new Map<NoteId, OpenNote>()
  /** Of those: bytes on their way, by note. */
  readonly #flying = new Map<NoteId, number>()
  #flyingBytes = 0
  /** Notes that wait for room, in order. */
  readonly #waiting = new Set<NoteId>()
  #isLed = false
  #isBlocked = false
  #blockedAt = 0
  #isStopped = false

  constructor(ports: CourierPorts, inFlight: number = inFlightMax) {
    this.#ports = ports
    this.#inFlight = inFlight
  }

  /** Commands that no group has agreed to yet, and when the oldest was made. */
  get sizes(): { readonly commands: number; readonly oldest: string | null } {
    let commands = 0
    let oldest: string | null = null
    for (const { document } of this.#pending.values()) {
      commands += document.pending.commands.length
      const at = document.pending.commands[0]?.at ?? null
      if (at !== null && (oldest === null || at < oldest)) oldest = at
    }
    return { commands, oldest }
  }

  /**
   * Hands the note's queue on as it is now. Resolves when it is durable, rejects when the disk is full or broken; the
   * queue stays in memory and is tried again.
   */
  save(open: OpenNote): Promise<void> {
    open.stopBurst?.()
    open.stopBurst = null
    open.document = markSent(open.document, this.#inFlight)
    const { noteId, pending } = open.document
    if (pending.commands.length > 0) this.#pending.set(noteId, open)
    else this.#landed(noteId)
    if (pending === open.handed || this.#isStopped) return open.saving
    open.handed = pending
    open.savedAt = this.#ports.clock.now()
    open.saving = this.#put(open, pending)
    return open.saving
  }

  /** The note's queue may have moved: other commands are first, or the same have another form. */
  moved(open: OpenNote): void {
    if (open.document.proposedSeq === 0) this.#land(open.document.noteId)
    this.save(open).catch(() => undefined) // #put has told what went wrong
    this.#propose(open)
  }

  /** A leader was elected, perhaps another one: what was on its way may have been lost with the old one. */
  led(isLed: boolean): void {
    this.#isLed = isLed
    if (!isLed) return
    for (const open of this.#pending.values()) this.#again(open)
    this.#proposeWaiting()
  }

  /** 100 ms have passed. */
  tick(): void {
    const now = this.#ports.clock.now()
    if (this.#isBlocked && now - this.#blockedAt >= diskRetryMs) {
      this.#blockedAt = now
      this.#saveAll()
    }
    if (!this.#isLed) return
    for (const open of this.#pending.values()) {
      if (open.document.proposedSeq > 0 && now - open.proposedAt < resendMs) continue
      this.#again(open)
    }
    this.#proposeWaiting()
  }

  /** Nothing leaves any more, and nothing more is written. */
  stop(): void {
    this.#isStopped = true
    for (const open of this.#pending.values()) open.stopBurst?.()
  }

  async #put(open: OpenNote, pending: PendingNote): Promise<void> {
    const { outbox } = this.#ports
    const isEmpty = pending.commands.length === 0
    try {
      await (isEmpty ? outbox.drop(pending.noteId) : outbox.put(pending))
    } catch (error) {
      this.#refusedByDisk(open, error)
      throw error
    }
    this.#unblock()
    open.durable = pending
    if (isIdle(open)) this.#ports.idle(open)
    else this.#propose(open)
  }

  #refusedByDisk(open: OpenNote, error: unknown): void {
    const failure = error instanceof DiskFailed ? error.failure : 'broken'
    if (failure !== 'full' && failure !== 'read-only') return this.#ports.failed(error)
    open.handed = open.durable ?? { ...open.handed, commands: [] }
    this.#blockedAt = this.#ports.clock.now()
    if (!this.#isBlocked) this.#ports.blocked(failure)
    this.#isBlocked = true
  }

  #unblock(): void {
    if (!this.#isBlocked) return
    this.#isBlocked = false
    this.#ports.blocked(null)
    this.#saveAll()
  }

  #saveAll(): void {
    for (const open of this.#pending.values()) {
      this.save(open).catch(() => undefined) // #put has told what went wrong
    }
  }

  #again(open: OpenNote): void {
    this.#land(open.document.noteId)
    open.document = resend(open.document)
    this.#propose(open)
  }

  #proposeWaiting(): void {
    for (const id of this.#waiting) {
      if (!this.#hasRoom()) return
      this.#waiting.delete(id)
      const open = this.#pending.get(id)
      if (open !== undefined) this.#propose(open)
    }
  }

  #propose(open: OpenNote): void {
    if (!this.#isLed || this.#isStopped || open.durable === null) return
    const { noteId } = open.document
    if (!this.#flying.has(noteId) && !this.#hasRoom()) {
      this.#waiting.add(noteId)
      return
    }
    const { document, commands } = proposals(open.document, open.durable)
    if (commands.length === 0) return
    open.document = document
    open.proposedAt = this.#ports.clock.now()
    const bytes = this.#proposeAll(commands)
    if (bytes === null) {
      open.document = resend(open.document) // the next tick tries again
      return
    }
    this.#flying.set(noteId, (this.#flying.get(noteId) ?? 0) + bytes)
    this.#flyingBytes += bytes
  }

  /** How many bytes left; null: nobody took them. */
  #proposeAll(commands: readonly NoteCommand[]): number | null {
    let bytes = 0
    for (const command of commands) {
      const entries = encodeCommand(command)
      if (!entries.ok) return null // longer than any command may be; the gate let none through
      for (const entry of entries.value) {
        if (!this.#ports.propose(entry).ok) return null
        bytes += entry.length
      }
    }
    return bytes
  }

  #hasRoom(): boolean {
    return this.#flying.size < flyingNotesMax && this.#flyingBytes < flyingBytesMax
  }

  /** Nothing of the note is on its way. */
  #land(noteId: NoteId): void {
    this.#flyingBytes -= this.#flying.get(noteId) ?? 0
    this.#flying.delete(noteId)
  }

  #landed(noteId: NoteId): void {
    this.#pending.delete(noteId)
    this.#waiting.delete(noteId)
    this.#land(noteId)
    this.#proposeWaiting()
  }
}
