import { z } from 'zod'
import { isNoteId, type NoteId } from '../../../src-shared/base/ids.ts'
import type { NoteSummary } from '../../../src-shared/ipc/contract.ts'
import { bodyBytesMax, changesShape, tagsShape, titleUnitsMax } from '../../app/asks.ts'
import {
  type DeviceApi,
  type EditNote,
  type ListNotes,
  listLimitDefault,
  listLimitMax,
  type NoteDetail,
  type Wait,
} from '../../app/device-api.ts'
import {
  badWait,
  json,
  queryOf,
  refusal,
  waitOf,
  wholeNumber,
  written,
  yesOrNo,
} from '../answer.ts'
import type { Api } from '../api.ts'
import { readJson } from '../body.ts'
import { problemResponse } from '../problem.ts'

const title = z.string().max(titleUnitsMax)
/** How large a text may be is judged in UTF-8 bytes further in, where the answer is 413; this bounds what is parsed. */
const body = z.string().max(2 * bodyBytesMax)

const createShape = z.strictObject({
  title: title.nullable().optional(),
  body: body.optional(),
  tags: tagsShape.optional(),
})
const putShape = z.strictObject({ body, baseRev: z.int().min(0).optional() })
const changeShape = z.strictObject({ baseRev: z.int().min(0), changes: changesShape })
const editShape = z
  .strictObject({
    title: title.nullable().optional(),
    tags: tagsShape.optional(),
    pinned: z.boolean().optional(),
  })
  .refine((edit) => Object.keys(edit).length > 0, 'one of title, tags, pinned is needed')
const patchShape = z.union([changeShape, editShape])

type Write = (id: NoteId, wait: Wait) => Promise<Response>

export function noteRoutes(app: Api, device: DeviceApi): void {
  app.get('/v1/notes', async (c) => {
    const ask = listAsk(queryOf(c.req.url))
    if (typeof ask === 'string') return problemResponse('malformed', ask)
    const page = await device.listNotes(ask)
    if (!page.ok) return refusal(page.error)
    return json({ notes: page.value.notes.map(listed), cursor: page.value.cursor })
  })

  app.post('/v1/notes', async (c) => {
    const wait = waitOf(queryOf(c.req.url))
    if (wait === null) return badWait()
    const ask = await readJson(c.env.incoming, createShape)
    if (!ask.ok) return ask.error
    const { title: given, ...rest } = ask.value
    const note = given === undefined || given === null ? rest : { ...rest, title: given }
    return written(await device.createNote(note, wait), 201)
  })

  app.get('/v1/notes/:id', async (c) => {
    const id = c.req.param('id')
    if (!isNoteId(id)) return noNote(id)
    const read = c.req.query('read')
    if (read !== undefined && read !== 'linearizable' && read !== 'local') {
      return problemResponse('malformed', 'read: linearizable, or local (the default)')
    }
    const note = await device.readNote(id, { linearizable: read === 'linearizable' })
    return note.ok ? json(detailed(note.value)) : refusal(note.error)
  })

  const writing = (c: { req: { param(name: 'id'): string; url: string } }, write: Write) => {
    const id = c.req.param('id')
    if (!isNoteId(id)) return noNote(id)
    const wait = waitOf(queryOf(c.req.url))
    return wait === null ? badWait() : write(id, wait)
  }

  app.put('/v1/notes/:id', (c) =>
    writing(c, async (id, wait) => {
      const ask = await readJson(c.env.incoming, putShape)
      if (!ask.ok) return ask.error
      const { body: text, baseRev } = ask.value
      return written(await device.putText(id, { body: text, baseRev: baseRev ?? null }, wait), 200)
    }),
  )

  app.patch('/v1/notes/:id', (c) =>
    writing(c, async (id, wait) => {
      const ask = await readJson(c.env.incoming, patchShape)
      if (!ask.ok) return ask.error
      if ('changes' in ask.value) return written(await device.changeText(id, ask.value, wait), 200)
      return written(await device.editNote(id, ask.value as EditNote, wait), 200)
    }),
  )

  app.delete('/v1/notes/:id', (c) =>
    writing(c, async (id, wait) => {
      const purge = yesOrNo(c.req.query('purge') ?? 'false')
      if (purge === null) return problemResponse('malformed', 'purge: true or false')
      const done = purge ? device.purgeNote(id, wait) : device.trashNote(id, wait)
      return written(await done, 200)
    }),
  )

  app.post('/v1/notes/:id/restore', (c) =>
    writing(c, async (id, wait) => written(await device.restoreNote(id, wait), 200)),
  )
}

function noNote(id: string): Response {
  return problemResponse('not-found', `there is no note ${id.slice(0, 64)}`)
}

function listAsk(query: URLSearchParams): ListNotes | string {
  const trashed = query.get('trashed')
  const limit = wholeNumber(query.get('limit') ?? String(listLimitDefault))
  if (trashed !== null && yesOrNo(trashed) === null) return 'trashed: true or false'
  if (limit === null || limit < 1 || limit > listLimitMax) {
    return `limit: a number from 1 to ${listLimitMax}`
  }
  return {
    query: query.get('query') || null,
    tag: query.get('tag') || null,
    trashed: trashed === null ? null : yesOrNo(trashed),
    limit,
    cursor: query.get('cursor') || null,
  }
}

function listed(note: NoteSummary) {
  const { id, title, titleDerived, rev, tags, trashed, pinned, createdAt, updatedAt } = note
  const { durability } = note
  return { id, title, titleDerived, rev, tags, trashed, pinned, createdAt, updatedAt, durability }
}

function detailed({ summary, body: text, draft, pending }: NoteDetail) {
  const note = { ...listed(summary), body: text }
  return pending === 0 ? note : { ...note, draft: draft ?? text, pending }
}
