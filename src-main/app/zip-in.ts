import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import {
  type Entry,
  fromRandomAccessReaderPromise,
  getFileNameLowLevel,
  RandomAccessReader,
  type ZipFile,
} from 'yauzl'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { fromUtf8 } from '../../src-shared/base/utf8.ts'
import { bodyBytesMax } from '../../src-shared/notes/limits.ts'
import { type Disk, DiskFailed } from '../journal/disk.ts'
import { type RefusedStep, refusal } from './import-plan.ts'
import { checkedPath, type Reason, type SourceFile, tooLong } from './markdown-file.ts'

/** Of the zip itself. */
export const zipBytesMax = 512 * 1024 * 1024
/** Files and folders in it, of whatever kind. */
export const zipEntriesMax = 100_000
/** Of all Markdown files in it together, unpacked. A single one: `bodyBytesMax`. */
export const zipTextBytesMax = 1024 * 1024 * 1024

export interface ZipRefused {
  readonly kind: 'too-large' | 'not-a-zip'
  /** For a person: one or two sentences. Nothing was taken in. */
  readonly message: string
}

/** In the order of the zip. */
export type ZipMember = { readonly kind: 'file'; readonly file: SourceFile } | RefusedStep

/**
 * Lays the zip down in a file, for it is read from its end, and hands what is in it to `use`, one file at a time. What
 * it claims to hold is counted before the first is unpacked, and no file gives more than it claims, so that a bomb is
 * refused before anything has changed. The file is gone afterwards.
 */
export async function withZip<T>(
  disk: Disk,
  { name, bytes }: { name: string; bytes: AsyncIterable<Uint8Array> },
  use: (members: AsyncIterable<ZipMember>) => Promise<T>,
): Promise<Outcome<T, ZipRefused>> {
  try {
    const size = await spooled(disk, name, bytes)
    if (size === null) return fail(tooLarge(`The zip is larger than ${megabytes(zipBytesMax)}.`))
    const counted = await counting(new DiskReader(disk, name), size)
    if (counted !== null) return fail(counted)
    const zip = await opened(new DiskReader(disk, name), size)
    return ok(await use(membersOf(zip)))
  } finally {
    await disk.remove(name).catch(unlessMissing)
  }
}

/** Null: it is larger than a zip may be. */
async function spooled(
  disk: Disk,
  name: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<number | null> {
  let size = 0 // What an import that was killed left behind this is not looked at.
  for await (const piece of bytes) {
    if (size + piece.length > zipBytesMax) return null
    for (let taken = 0; taken < piece.length; ) {
      const more = await disk.write(name, size + taken, piece.subarray(taken))
      if (more <= 0) throw new DiskFailed('full', name, 'the disk takes no more bytes')
      taken += more
    }
    size += piece.length
  }
  return size
}

/** A first look at the zip's list alone. */
async function counting(reader: DiskReader, size: number): Promise<ZipRefused | null> {
  try {
    const zip = await opened(reader, size)
    let [entries, textBytes] = [0, 0]
    for await (const entry of zip.eachEntry()) {
      entries += 1
      if (faultOf(entry) === null) textBytes += entry.uncompressedSize
      if (entries > zipEntriesMax) {
        return tooLarge(`The zip holds more than ${zipEntriesMax.toLocaleString('en')} files.`)
      }
      if (textBytes > zipTextBytesMax) {
        return tooLarge(`The files in the zip come to more than ${megabytes(zipTextBytesMax)}.`)
      }
    }
    return null
  } catch (cause) {
    if (reader.failure !== null) throw reader.failure
    if (!(cause instanceof Error)) throw cause
    return { kind: 'not-a-zip', message: `This is not a zip, or a damaged one (${cause.message}).` }
  }
}

async function* membersOf(zip: ZipFile): AsyncGenerator<ZipMember> {
  for await (const entry of zip.eachEntry()) {
    const path = pathOf(entry)
    if (path.endsWith('/')) continue // A folder is implied by what is in it.
    const fault = faultOf(entry)
    if (fault !== null) yield refusal(path, fault)
    else yield await memberOf(zip, entry, path)
  }
}

async function memberOf(zip: ZipFile, entry: Entry, path: string): Promise<ZipMember> {
  try {
    const bytes = await buffer(await zip.openReadStreamPromise(entry))
    if (crc32(bytes) !== entry.crc32) return refusal(path, 'It is damaged: its checksum is wrong.')
    return { kind: 'file', file: { path, bytes } }
  } catch (cause) {
    if (cause instanceof DiskFailed || !(cause instanceof Error)) throw cause
    return refusal(path, `It is damaged: ${cause.message}.`)
  }
}

/** What can be said against an entry without unpacking it; folders have none. */
function faultOf(entry: Entry): Reason | null {
  const path = pathOf(entry)
  if (path.endsWith('/')) return null
  if (path.includes('\ufffd')) return 'Its name is not valid Unicode.'
  const checked = checkedPath(path)
  if (!checked.ok) return checked.error
  if (isSpecial(entry)) return 'It is not a file but a link or a device.'
  if (entry.isEncrypted()) return 'It is encrypted.'
  if (!entry.canDecodeFileData()) return 'It is packed in a way that is not supported.'
  return entry.uncompressedSize > bodyBytesMax + bomBytes ? tooLong : null
}

const bomBytes = 3
const unix = 3

/** Unix keeps the kind of a file in the upper half of the attributes; 0 where a packer left it out. */
function isSpecial(entry: Entry): boolean {
  const kind = entry.externalFileAttributes >>> 28
  return isUnix(entry) && kind !== 0 && kind !== regularFile
}

const regularFile = 0o10

function isUnix(entry: Entry): boolean {
  return entry.versionMadeBy >>> 8 === unix
}

/**
 * The name as a path. The flag for UTF-8 is missing in what several systems pack, though it is UTF-8: so what reads as
 * UTF-8 is taken for it, and anything else for the code page of old. Packers of Windows that wrote backslashes meant
 * slashes; in a name from Unix a backslash is a letter, which is refused later.
 */
function pathOf(entry: Entry): string {
  const flagged = getFileNameLowLevel(
    entry.generalPurposeBitFlag,
    entry.fileNameRaw,
    entry.extraFields,
    true,
  )
  const isFlagged =
    (entry.generalPurposeBitFlag & utf8Flag) !== 0 ||
    entry.extraFields.some((field) => field.id === unicodePath)
  const path = isFlagged ? flagged : (fromUtf8(entry.fileNameRaw) ?? flagged)
  return isUnix(entry) ? path : path.replaceAll('\\', '/')
}

const utf8Flag = 0x800
const unicodePath = 0x7075

function opened(reader: DiskReader, size: number): Promise<ZipFile> {
  // Names are ours to judge, one by one: the reader would refuse the whole zip for one of them.
  return fromRandomAccessReaderPromise(reader, size, { decodeStrings: false, autoClose: false })
}

const windowBytes = 256 * 1024

/** Reads ahead: a zip's list is read in pieces of fifty bytes, of which there may be a hundred thousand. */
class DiskReader extends RandomAccessReader {
  /** Of the disk, so that it is not taken for a fault of the zip. */
  failure: DiskFailed | null = null
  readonly #disk: Disk
  readonly #name: string
  #start = 0
  #held: Uint8Array = new Uint8Array(0)

  constructor(disk: Disk, name: string) {
    super()
    this.#disk = disk
    this.#name = name
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (failure: Error | null) => void,
  ): void {
    this.#window(position, position + length).then(
      (bytes) => {
        target.set(bytes, offset)
        done(bytes.length < length ? new Error('it ends too early') : null)
      },
      (failure: Error) => done(failure),
    )
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#pieces(start, end), { objectMode: false })
  }

  async *#pieces(start: number, end: number): AsyncGenerator<Uint8Array> {
    for (let from = start; from < end; from += windowBytes) {
      yield await this.#read(from, Math.min(from + windowBytes, end))
    }
  }

  async #window(from: number, to: number): Promise<Uint8Array> {
    if (from < this.#start || to > this.#start + this.#held.length) {
      this.#held = await this.#read(from, Math.max(to, from + windowBytes))
      this.#start = from
    }
    return this.#held.subarray(from - this.#start, to - this.#start)
  }

  async #read(from: number, to: number): Promise<Uint8Array> {
    try {
      return await this.#disk.read(this.#name, from, to)
    } catch (cause) {
      if (cause instanceof DiskFailed) this.failure = cause
      throw cause
    }
  }
}

function tooLarge(message: string): ZipRefused {
  return { kind: 'too-large', message }
}

function megabytes(bytes: number): string {
  return `${bytes / 1024 / 1024} MiB`
}

function unlessMissing(failure: unknown): void {
  if (!(failure instanceof DiskFailed && failure.failure === 'missing')) throw failure
}
