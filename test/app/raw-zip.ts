import { crc32, deflateRawSync } from 'node:zlib'

export interface RawEntry {
  readonly name: string | Uint8Array
  readonly data?: Uint8Array | string
  readonly isPacked?: boolean
  /** What the list claims, where that is not the truth. */
  readonly claims?: { size?: number; crc?: number; method?: number }
  /** 0x800: the name is UTF-8; 1: encrypted. */
  readonly flags?: number
  /** 3 Unix, 0 Windows. */
  readonly system?: number
  /** Kind and permissions as Unix has them. */
  readonly mode?: number
}

/** A zip with whatever names and lies a test wants; packers refuse to make most of them. `repeats`: how often each stands in the list. */
export function rawZip(entries: readonly RawEntry[], repeats = 1): Uint8Array {
  const pieces: Buffer[] = []
  const list: Buffer[] = []
  let at = 0
  for (const entry of entries) {
    const { head, local } = entryBytes(entry, at)
    pieces.push(local)
    at += local.length
    for (let n = 0; n < repeats; n++) list.push(head)
  }
  const central = Buffer.concat(list)
  return Buffer.concat([...pieces, central, ending(list.length, central.length, at)])
}

function entryBytes(entry: RawEntry, at: number): { head: Buffer; local: Buffer } {
  const { claims = {}, flags = 0x800, system = 3, mode = 0o100644, isPacked = false } = entry
  const name = Buffer.from(entry.name as string)
  const data = Buffer.from((entry.data ?? '') as string)
  const packed = isPacked ? deflateRawSync(data) : data
  const shared = Buffer.alloc(26)
  shared.writeUInt16LE(20, 0)
  shared.writeUInt16LE(flags, 2)
  shared.writeUInt16LE(claims.method ?? (isPacked ? 8 : 0), 4)
  shared.writeUInt32LE(claims.crc ?? crc32(data), 10)
  shared.writeUInt32LE(packed.length, 14)
  shared.writeUInt32LE(claims.size ?? data.length, 18)
  shared.writeUInt16LE(name.length, 22)
  const head = Buffer.alloc(46)
  head.write('PK\x01\x02', 'latin1')
  head.writeUInt16LE((system << 8) | 20, 4)
  shared.copy(head, 6)
  head.writeUInt32LE((mode << 16) >>> 0, 38)
  head.writeUInt32LE(at, 42)
  return {
    head: Buffer.concat([head, name]),
    local: Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, name, packed]),
  }
}

/** With the 64-bit ending as well, so that more than 65,535 entries can be told. */
function ending(count: number, size: number, at: number): Buffer {
  const long = Buffer.alloc(56)
  long.write('PK\x06\x06', 'latin1')
  long.writeBigUInt64LE(44n, 4)
  long.writeUInt16LE(45, 12)
  long.writeUInt16LE(45, 14)
  long.writeBigUInt64LE(BigInt(count), 24)
  long.writeBigUInt64LE(BigInt(count), 32)
  long.writeBigUInt64LE(BigInt(size), 40)
  long.writeBigUInt64LE(BigInt(at), 48)
  const locator = Buffer.alloc(20)
  locator.write('PK\x06\x07', 'latin1')
  locator.writeBigUInt64LE(BigInt(at + size), 8)
  locator.writeUInt32LE(1, 16)
  const short = Buffer.alloc(22)
  short.write('PK\x05\x06', 'latin1')
  short.writeUInt16LE(Math.min(count, 0xffff), 8)
  short.writeUInt16LE(Math.min(count, 0xffff), 10)
  short.writeUInt32LE(count > 0xffff ? 0xffffffff : size, 12)
  short.writeUInt32LE(count > 0xffff ? 0xffffffff : at, 16)
  return count > 0xffff ? Buffer.concat([long, locator, short]) : short
}
