import type { Clock } from '../../src-shared/base/clock.ts'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { Conversation, type Silence } from './conversation.ts'
import {
  type CodeCheck,
  codeDigits,
  type DialPairing,
  joiningMs,
  type PairedNewcomer,
  type PairingRefused,
  type PairingRefusedKind,
  stepMs,
} from './pairing.ts'
import type { PairingMessage } from './pairing-message.ts'

export interface PairWith {
  /** "HOST:PORT" of the newcomer's peer listener. */
  readonly address: string
  /** As it was typed: spaces and dashes do not matter. */
  readonly code: string
  /** Of this member's key. */
  readonly pin: string
  readonly dial: DialPairing
  readonly check: CodeCheck
  readonly clock: Clock
}

/** The member's side: shows the newcomer that the code is known, and gets to know the newcomer. */
export async function pairWith(ask: PairWith): Promise<Outcome<PairedNewcomer, PairingRefused>> {
  const code = ask.code.replace(/[\s-]/g, '')
  if (!/^[0-9]+$/.test(code) || code.length !== codeDigits) {
    return refuse('malformed', 'A code has six digits.')
  }
  const dialled = await ask.dial(ask.address)
  if (!dialled.ok) return refuse(dialled.error.kind, dialled.error.message)
  const talk = new Conversation(dialled.value, ask.clock)
  const met = await prove(talk, ask, code)
  if (!met.ok) talk.close()
  return met
}

async function prove(
  talk: Conversation,
  ask: PairWith,
  code: string,
): Promise<Outcome<PairedNewcomer, PairingRefused>> {
  const { link } = talk
  const typed = ask.check.typed(code, {
    typedPin: ask.pin,
    shownPin: link.pin,
    exported: (label, length) => link.exported(label, length),
  })
  talk.say({ kind: 'try', share: typed.share })
  const shared = await answerTo(talk, 'share', stepMs)
  if (!shared.ok) return shared
  const proof = typed.prove(shared.value.share)
  if (proof === null) return refuse('malformed', notOurs)
  talk.say({ kind: 'proof', proof })
  const welcome = await answerTo(talk, 'welcome', stepMs)
  if (!welcome.ok) return welcome
  const { newcomer, proof: theirs } = welcome.value
  // Whoever lets any code pass may be anybody.
  if (!typed.accepts(theirs)) return refuse('malformed', notOurs)
  if (newcomer.pin !== link.pin) return refuse('malformed', notOurs)
  return ok({
    newcomer,
    confirm: async (host) => {
      talk.say({ kind: 'confirm', host })
      return settled(talk, await answerTo(talk, 'confirmed', stepMs))
    },
    complete: async (invitation) => {
      talk.say({ kind: 'invitation', invitation })
      const joined = settled(talk, await answerTo(talk, 'joined', joiningMs))
      talk.close()
      return joined
    },
    abandon: () => {
      talk.say({ kind: 'abandon' })
      talk.close()
    },
  })
}

type Answer<K extends PairingMessage['kind']> = Extract<PairingMessage, { kind: K }>

async function answerTo<K extends PairingMessage['kind']>(
  talk: Conversation,
  kind: K,
  ms: number,
): Promise<Outcome<Answer<K>, PairingRefused>> {
  const heard = await talk.next(ms)
  if (!heard.ok) return refuse(...silence(heard.error))
  const message = heard.value
  if (message.kind === kind) return ok(message as Answer<K>)
  if (message.kind !== 'refused') return refuse('malformed', notOurs)
  return fail({ kind: message.refused, message: message.message, triesLeft: message.triesLeft })
}

function settled(
  talk: Conversation,
  outcome: Outcome<unknown, PairingRefused>,
): Outcome<null, PairingRefused> {
  if (outcome.ok) return ok(null)
  talk.close()
  return outcome
}

const notOurs = 'What answered there does not behave like a device of Quire.'

function silence(why: Silence): [PairingRefusedKind, string] {
  switch (why) {
    case 'gone':
      return ['failed', 'The new device closed the connection.']
    case 'timed-out':
      return ['timed-out', 'The new device did not answer in time.']
    case 'malformed':
      return ['malformed', notOurs]
  }
}

function refuse(
  kind: PairingRefusedKind,
  message: string,
): { readonly ok: false; readonly error: PairingRefused } {
  return fail({ kind, message, triesLeft: null })
}
