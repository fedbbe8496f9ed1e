/** Every bound on what another device, or somebody who pretends to be one, may make us hold or wait for. */

const kib = 1024
const mib = 1024 * kib

/** One WebSocket message, which is one frame, kind byte included. */
export const frameBytesMax = mib
/** WebSocket fragments of one message; ours are never fragmented. */
export const fragmentsMax = 64
/** Pieces in which the network may deliver one frame before the receiver gives up. */
export const bufferedChunksMax = 16 * kib
export const helloBytesMax = 64 * kib
export const statusBytesMax = 64 * kib
export const byeBytesMax = kib
export const pairingMessageBytesMax = 64 * kib

/** Sockets in all, and of those the ones that have not said a valid hello yet. */
export const socketsMax = 32
export const unauthenticatedSocketsMax = 4
export const pairingSocketsMax = 4
export const linksPerPeerMax = 2

/** From the first byte of TCP to the end of the WebSocket upgrade, and from there to a valid hello. */
export const handshakeMs = 3_000
export const helloMs = 3_000
export const headerBytesMax = 8 * kib

/** A link that was silent for so long is pinged, and given up after `silentMs`. */
export const pingMs = 10_000
export const silentMs = 30_000
/** Something was sent and nothing came back: ask sooner, and look for another way in the meantime. */
export const unansweredMs = 2_000
export const suspectMs = 5_000
export const housekeepingMs = 1_000

/** Waiting for one peer, by class. What does not fit is dropped and the peer reported unreachable. */
export const urgentQueueMax = 4_096
export const appendQueueMax = 1_024
export const queueBytesMax = 16 * mib
/** Bytes handed to the socket and not yet taken by the network: above it the queue waits, so that classes can overtake. */
export const socketBytesMax = 64 * kib

export const asksInFlightMax = 64
export const askNameUnitsMax = 64
export const askMsMax = 120_000

export const snapshotChunkBytes = 256 * kib
/** Bytes of a snapshot on the way before the first is acknowledged: at first a chunk, then as the way bears. */
export const snapshotWindowMin = 16 * kib
export const snapshotWindowMax = mib
/** A chunk should be acknowledged within this: behind it waits, on a slow way, the next heartbeat. */
export const snapshotChunkMs = 200
/** More than a window: after a rewind chunks from before it may still wait. */
export const chunkQueueMax = (2 * snapshotWindowMax) / snapshotWindowMin
export const snapshotBytesMax = 4 * kib * mib
/** Without progress for so long a transfer has failed; raft starts another. */
export const snapshotIdleMs = 30_000
export const snapshotCorruptionsMax = 3

export const redialMsMin = 250
export const redialMsMax = 5_000
export const addressesMax = 64
/** Remembered of one member. */
export const whereaboutsMax = 16
export const dialsInFlightMax = 8

/** A member may lie; no honest log comes near this (2^48 entries). */
export const logIndexMax = 2 ** 48

/** Until links that were told goodbye are cut. */
export const farewellMs = 500
