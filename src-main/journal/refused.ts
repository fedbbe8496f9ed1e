/**
 * Why a directory is not opened. The journal never guesses: what it cannot prove to be a torn tail
 * it leaves as it is and names.
 *
 * - damaged: bytes that were once acknowledged do not read back.
 * - shorter-than-mark: the log ends, in good order, before what was once durable: it was cut or is
 *   an older copy. Its member may have promised what it no longer knows: it must neither vote nor
 *   lead and comes back under a new id; a group of one asks doctor.
 * - newer-format: written by a newer version of the app.
 * - disk: the machine failed while reading or mending; starting again may help.
 */
export interface JournalRefused {
  readonly kind: 'damaged' | 'shorter-than-mark' | 'newer-format' | 'disk'
  readonly file: string
  /** Bytes from the start of the file; null when it is the whole file or a missing one. */
  readonly offset: number | null
  /** The log entry that stands or stood there, as far as is known. */
  readonly entryIndex: number | null
  /** What was found, in plain words. */
  readonly message: string
  /** What a person can do, in plain words. */
  readonly advice: string
}

/** Something that was found and put right at start without losing anything that was acknowledged. */
export interface JournalNotice {
  readonly kind:
    | 'torn-tail' // a write that never finished was cut off; its bytes are set aside
    | 'mark-repaired' // one of the two copies of the durable mark was unreadable
    | 'reserve-repaired' // the reserve file was missing, unreadable or used
    | 'snapshot-fallback' // the newest snapshot was unreadable; the one before it and the log replace it
    | 'snapshot-set-aside' // an unreadable snapshot that nothing needs
    | 'cleaned' // half-made files of an interrupted step
    | 'not-mended' // the disk is full or read-only: read all the same, to be put right when there is space
  readonly file: string
  readonly message: string
}

const advices: Readonly<Record<JournalRefused['kind'], string>> = {
  damaged:
    'Do not delete anything. Run doctor on this directory. If other devices of the group are alive, remove this device there and add it again: it gets everything back. Otherwise restore the directory from a backup.',
  'shorter-than-mark':
    'This directory is older than what this device once promised to the group. Add the device to the group again: it gets everything back under a new id. A device that is alone: run doctor on this directory.',
  'newer-format':
    'Update Quire on this device to the version that wrote this directory, or a later one.',
  disk: 'Check the disk and its permissions, then start again: everything is read and checked anew.',
}

export interface RefusedPlace {
  readonly file: string
  readonly offset?: number | null
  readonly entryIndex?: number | null
}

export function refused(
  kind: JournalRefused['kind'],
  place: RefusedPlace,
  message: string,
): JournalRefused {
  const { file, offset = null, entryIndex = null } = place
  return { kind, file, offset, entryIndex, message, advice: advices[kind] }
}
