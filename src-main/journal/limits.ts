/** A segment that has reached this size is closed and the next one begun. */
export const segmentBytesMax = 16 * 1024 * 1024
/** One record of the log: far above the largest command part, far below what would hurt to hold in memory. */
export const recordBytesMax = 16 * 1024 * 1024
/** A batch may be larger, but so much memory is not kept for the next one. */
export const batchBytesKept = 4 * 1024 * 1024
/** Quiet time after which the durable mark is brought up to date by an fsync of its own. */
export const markIdleMs = 250
/** Batches from one ride of the mark to the next: each costs the log's own writes a little. */
export const markRideBatches = 8
/** Kept on the disk so that a torn tail can be set aside when nothing else fits. */
export const reserveBytes = 64 * 1024
/** Copies of torn tails that are kept; the oldest goes first. */
export const setAsideFilesMax = 8
/** One record of a snapshot: a whole note with its history's chain. */
export const snapshotRecordBytesMax = 64 * 1024 * 1024
/** UTF-8 bytes of a snapshot record's key. */
export const snapshotKeyBytesMax = 1024
/** What a snapshot hands to the disk at a time: small enough not to hold up the loop. */
export const snapshotWriteBytes = 256 * 1024
