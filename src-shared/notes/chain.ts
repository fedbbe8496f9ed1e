import { sha256 } from '@noble/hashes/sha2.js'
import { toUtf8 } from '../base/utf8.ts'
import type { NoteCommand } from './command.ts'
import { commandToTuple } from './command-tuple.ts'

/** Where an entry stands in the log. */
export interface LogPlace {
  readonly index: number
  readonly term: number
}

/** The chain before the first command. */
export const chainStart = ''

/**
 * The next link: SHA-256 over the link before it, the command's place in the log and the command. Whoever holds a note's
 * newest link can check any history of it that he is given, command by command, whoever gives it.
 */
export function chainAfter(previous: string, command: NoteCommand, at: LogPlace): string {
  const link = [previous, at.index, at.term, commandToTuple(command)]
  return sha256Hex(toUtf8(JSON.stringify(link)))
}

export function sha256Hex(bytes: Uint8Array): string {
  return toHex(sha256(bytes))
}

export function toHex(bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return hex
}
