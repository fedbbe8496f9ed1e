import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import type { CallName, Calls, Handlers, WindowId } from '../../src-shared/ipc/contract.ts'
import { askShapes, describeIssues } from './asks.ts'
import type { DeviceApi, Refused, WindowApi, Written } from './device-api.ts'

/** Thrown to the carrier for an ask of the wrong shape where the answer has no room for a refusal: a bug in the window, or worse. */
export class MalformedAsk extends Error {
  override readonly name = 'MalformedAsk'
}

/** A window does not wait for the group: its answer comes once the command is saved here. */
const saved = { ms: 0 } as const

/** The contract over the device: parse at the gate, ask, answer. */
export function handlers(device: DeviceApi & WindowApi): Handlers {
  return {
    'status/get': gate('status/get', () => device.status()),
    'notes/list': gate('notes/list', () => allSummaries(device)),
    'notes/open': judged('notes/open', (ask, window) => device.openNote(ask.id, window)),
    'notes/close': gate('notes/close', async (ask, window) => {
      device.closeNote(ask.id, window)
      return null
    }),
    'notes/push': judged('notes/push', (ask, window) => device.push(ask, window)),
    'notes/pull': gate('notes/pull', async (ask) => device.pull(ask.id, ask.version)),
    'notes/create': judged('notes/create', async (ask) => {
      const written = await device.createNote(ask, saved)
      return written.ok ? ok({ id: written.value.id }) : written
    }),
    'notes/edit': judged('notes/edit', ({ id, ...edit }) =>
      quietly(device.editNote(id, edit, saved)),
    ),
    'notes/trash': judged('notes/trash', ({ ids }) =>
      each(ids, (id) => device.trashNote(id, saved)),
    ),
    'notes/restore': judged('notes/restore', ({ ids }) =>
      each(ids, (id) => device.restoreNote(id, saved)),
    ),
    'notes/purge': judged('notes/purge', ({ ids }) =>
      each(ids, (id) => device.purgeNote(id, saved)),
    ),
    'notes/search': gate('notes/search', (ask) => device.searchNotes(ask)),
    'files/import': judged('files/import', ({ files }) =>
      device.importFiles(
        files.map(({ path, bytes }) => ({ path, bytes: Buffer.from(bytes, 'base64') })),
      ),
    ),
    'devices/nearby': gate('devices/nearby', () => device.nearby()),
    'devices/add': judged('devices/add', async ({ address, code, bring }) => {
      const added = await device.addDevice({ ref: null, address, code, bring })
      return added.ok ? ok({ id: added.value.deviceId }) : added
    }),
    'devices/rename': judged('devices/rename', ({ id, name }) => device.renameDevice(id, name)),
    'devices/consequences': gate('devices/consequences', ({ id }) => device.consequences(id)),
    'devices/remove': judged('devices/remove', ({ id }) => device.removeDevice(id)),
    'devices/lead': judged('devices/lead', ({ id }) => device.lead(id)),
    'pairing/get': gate('pairing/get', () => device.pairing()),
    'pairing/open': judged('pairing/open', () => device.openPairing()),
    'pairing/close': gate('pairing/close', () => device.closePairing()),
  }
}

type Answer<N extends CallName> = Calls[N]['answer']

/** For a call whose answer cannot say no: a wrong shape rejects. */
function gate<N extends CallName>(
  name: N,
  answer: (ask: Calls[N]['ask'], window: WindowId) => Promise<Answer<N>>,
): (ask: unknown, window: WindowId) => Promise<Answer<N>> {
  return async (ask, window) => {
    const parsed = askShapes[name].safeParse(ask)
    if (!parsed.success) throw new MalformedAsk(`${name}: ${describeIssues(parsed.error)}`)
    return answer(parsed.data as Calls[N]['ask'], window)
  }
}

/** Calls whose answer is an Outcome with a refusal in it. */
type JudgedName = {
  [N in CallName]: Answer<N> extends Outcome<unknown, unknown> ? N : never
}[CallName]

function judged<N extends JudgedName>(
  name: N,
  answer: (ask: Calls[N]['ask'], window: WindowId) => Promise<Answer<N>>,
): (ask: unknown, window: WindowId) => Promise<Answer<N>> {
  return async (ask, window) => {
    const parsed = askShapes[name].safeParse(ask)
    if (!parsed.success) {
      const refused: Refused = { kind: 'malformed', message: describeIssues(parsed.error) }
      return fail(refused) as Answer<N>
    }
    return answer(parsed.data as Calls[N]['ask'], window)
  }
}

async function quietly(
  writing: Promise<Outcome<Written, Refused>>,
): Promise<Outcome<null, Refused>> {
  const written = await writing
  return written.ok ? ok(null) : written
}

/** All are tried; the first refusal is what is told. */
async function each(
  ids: readonly string[],
  write: (id: string) => Promise<Outcome<Written, Refused>>,
): Promise<Outcome<null, Refused>> {
  const results = await Promise.all(ids.map(write))
  return results.find((result) => !result.ok) ?? ok(null)
}

async function allSummaries(device: DeviceApi): Promise<Answer<'notes/list'>> {
  return device.allNotes()
}
