import { z } from 'zod'
import { isDeviceId, isNoteId } from '../../src-shared/base/ids.ts'
import type { CallName, Calls } from '../../src-shared/ipc/contract.ts'
import { addressLengthMax, deviceNameLengthMax } from '../../src-shared/members/member.ts'
import {
  bodyBytesMax,
  pathLengthMax,
  sectionsMax,
  tagLengthMax,
  tagsMax,
  titleLengthMax,
} from '../../src-shared/notes/limits.ts'

/**
 * The gate of the contract: the shape of every ask, with its limits. What passes cannot be wrong in shape; whether it
 * makes sense (a note that exists, changes that fit) is judged further in.
 */

export const notesPerAskMax = 10_000
export const queryLengthMax = 1_000
export const searchLimitMax = 1_000
export const updatesPerPushMax = 1_000
export const windowClientLengthMax = 64
export const importFilesPerAskMax = 50_000
export const codeUnitsMax = 32
/** For the local API, which is asked the same things in its own manner. */
export const addressUnitsMax = addressLengthMax
export const titleUnitsMax = titleLengthMax
export { bodyBytesMax }

const noteId = z.string().refine(isNoteId)
const deviceId = z.string().refine(isDeviceId)
const nothing = z.null()
const title = z.string().max(titleLengthMax)
/** The limit is in UTF-8 bytes; a unit is never less than one, so the count of units is a safe first gate. */
const body = z.string().max(bodyBytesMax)
export const tagsShape = z.array(z.string().min(1).max(tagLengthMax)).max(tagsMax)
const noteIds = z.strictObject({ ids: z.array(noteId).max(notesPerAskMax) })
const version = z.int().min(0)
export const deviceNameShape = z.string().trim().min(1).max(deviceNameLengthMax)

/** `[4, [0, " and eggs"], 7]`: numbers keep, `[n]` deletes, `[n, line, …]` replaces. */
export const changesShape = z
  .array(z.union([z.int().min(0), z.tuple([z.int().min(0)], z.string().max(bodyBytesMax))]))
  .max(sectionsMax)

type Shapes = { readonly [N in CallName]: z.ZodType<Calls[N]['ask']> }

export const askShapes: Shapes = {
  'status/get': nothing,
  'notes/list': nothing,
  'notes/open': z.strictObject({ id: noteId }),
  'notes/close': z.strictObject({ id: noteId }),
  'notes/push': z.strictObject({
    id: noteId,
    version,
    updates: z
      .array(
        z.strictObject({
          client: z.string().min(1).max(windowClientLengthMax),
          changes: changesShape,
        }),
      )
      .max(updatesPerPushMax),
  }),
  'notes/pull': z.strictObject({ id: noteId, version }),
  'notes/create': z.strictObject({
    title: title.optional(),
    body: body.optional(),
    tags: tagsShape.optional(),
  }),
  'notes/edit': z.strictObject({
    id: noteId,
    title: title.nullable().optional(),
    tags: tagsShape.optional(),
    pinned: z.boolean().optional(),
  }),
  'notes/trash': noteIds,
  'notes/restore': noteIds,
  'notes/purge': noteIds,
  'notes/search': z.strictObject({
    query: z.string().max(queryLengthMax),
    limit: z.int().min(1).max(searchLimitMax),
  }),
  'files/import': z.strictObject({
    files: z
      .array(
        z.strictObject({
          path: z.string().min(1).max(pathLengthMax),
          bytes: z.base64(),
        }),
      )
      .max(importFilesPerAskMax),
  }),
  'devices/nearby': nothing,
  'devices/add': z.strictObject({
    address: z.string().min(1).max(addressLengthMax),
    code: z.string().trim().min(1).max(codeUnitsMax),
    bring: z.boolean(),
  }),
  'devices/rename': z.strictObject({ id: deviceId, name: deviceNameShape }),
  'devices/consequences': z.strictObject({ id: deviceId }),
  'devices/remove': z.strictObject({ id: deviceId }),
  'devices/lead': z.strictObject({ id: deviceId }),
  'pairing/get': nothing,
  'pairing/open': nothing,
  'pairing/close': nothing,
}

/** What was wrong with an ask, as one line that names the place: `updates.0.client: …`. */
export function describeIssues(error: z.ZodError): string {
  const first = error.issues[0]
  if (first === undefined) return 'it does not have the right shape'
  const place = first.path.map(String).join('.')
  return place === '' ? first.message : `${place}: ${first.message}`
}
