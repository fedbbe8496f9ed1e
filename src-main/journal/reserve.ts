import { type Disk, DiskFailed } from './disk.ts'
import { createWhole, removeIfThere } from './durable.ts'
import { reserveBytes } from './limits.ts'
import { preambleBytes, putPreamble } from './preamble.ts'
import { bufferOf } from './u64.ts'

/**
 * wal/reserve: space that is given up when the disk is full and a torn tail has to be set aside
 * before it may be cut. Its preamble is QUIRERSV; the rest is noise, so that a file system that
 * compresses keeps it whole.
 */
export const reserveName = 'wal/reserve'

export async function createReserve(disk: Disk): Promise<void> {
  await createWhole(disk, reserveName, encodeReserve())
}

export async function removeReserve(disk: Disk): Promise<void> {
  await removeIfThere(disk, reserveName)
}

export async function isReserveWhole(disk: Disk): Promise<boolean> {
  try {
    const bytes = bufferOf(await disk.read(reserveName, 0, reserveBytes + 1))
    return bytes.equals(encodeReserve())
  } catch (cause) {
    if (cause instanceof DiskFailed && cause.failure === 'missing') return false
    throw cause
  }
}

function encodeReserve(): Buffer {
  const into = Buffer.alloc(reserveBytes)
  putPreamble(into, 0, 'QUIRERSV')
  let noise = 0x9e3779b9
  for (let at = preambleBytes; at < reserveBytes; at += 4) {
    // Xorshift (Marsaglia, 2003): the same on every machine.
    noise ^= noise << 13
    noise ^= noise >>> 17
    noise ^= noise << 5
    into.writeInt32LE(noise, at)
  }
  return into
}
