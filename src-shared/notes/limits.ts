/**
 * What a note and a command may be at most. Part of the replicated state machine: changing a number here changes what
 * apply answers, so it takes a new format version (command-codec.ts). Lengths are UTF-16 units unless they say bytes.
 */

/** What a device lets its person make of a note, in UTF-8 bytes; a creation carries at most this. */
export const bodyBytesMax = 8 * 1024 * 1024
/**
 * What apply takes at most, in UTF-8 bytes. Far above what one device makes: two long offline spells that merge into one
 * note may exceed the limit of each, and neither's words may be refused for that.
 */
export const mergedBodyBytesMax = 4 * bodyBytesMax
export const titleLengthMax = 200
export const tagLengthMax = 100
/** In one command, and what a device lets its person give one note. */
export const tagsMax = 100
/** What apply takes at most: tags are united, so devices that were apart may exceed `tagsMax` together. */
export const mergedTagsMax = 1000
export const pathLengthMax = 1024
/** Sections (kept, replaced) of one change set. */
export const sectionsMax = 100_000
/** How many changes of its text a note remembers, and how much text these may carry, both ways. */
export const recentChangesMax = 64
export const recentLengthMax = 65_536
/** An entry of the log carries at most this much of a command, in bytes; longer commands travel in parts. */
export const entryBytesMax = 64 * 1024
/** A command at its longest, in bytes: 8 MiB of text and the structure of `sectionsMax` sections. */
export const commandBytesMax = bodyBytesMax + 2 * 1024 * 1024
export const partsMax = commandBytesMax / entryBytesMax
