import type { Clock } from '../../src-shared/base/clock.ts'
import type { Outcome } from '../../src-shared/base/outcome.ts'
import type { Random } from '../../src-shared/base/random.ts'
import { Conversation } from './conversation.ts'
import { later } from './later.ts'
import {
  type CodeCheck,
  codeDigits,
  type Host,
  type Invitation,
  joiningMs,
  type Newcomer,
  type PairingLink,
  type PairingRefusedKind,
  type PairingWindowState,
  provenMs,
  stepMs,
  triesMax,
  windowMs,
} from './pairing.ts'

export interface OpenPairing {
  readonly random: Random
  readonly clock: Clock
  readonly check: CodeCheck
  /** Of our key. */
  readonly pin: string
  /** Asked when a code was right: what we are by then. The id must stay the same while the window is open. */
  readonly describe: () => Newcomer
  /** Our addition is committed: start the new membership. The error is for the person at the member. */
  readonly join: (invitation: Invitation) => Promise<Outcome<null, string>>
  readonly changed: (state: PairingWindowState) => void
}

/**
 * The newcomer's side: one code, shown for two minutes, spent once. It fails closed: whatever is not exactly the
 * exchange counts against the code or ends it.
 */
export class PairingWindow {
  readonly #options: OpenPairing
  readonly #code: string
  readonly #expiresAt: string
  readonly #stopExpiry: () => void
  readonly #talks = new Set<Conversation>()
  #state: PairingWindowState
  #tries = 0
  /** The exchange that is under way. One at a time: two guesses may not be judged side by side. */
  #current: Conversation | null = null
  #isPastTime = false

  constructor(options: OpenPairing) {
    this.#options = options
    const { random, clock } = options
    this.#code = String(random.below(10 ** codeDigits)).padStart(codeDigits, '0')
    this.#expiresAt = later(clock.wall(), windowMs)
    this.#state = this.#waiting()
    this.#stopExpiry = clock.after(windowMs, () => {
      this.#isPastTime = true
      // Who has proven the code in time may finish; everybody else is late.
      if (this.#state.kind === 'waiting' && this.#current === null)
        this.#become({ kind: 'expired' })
    })
  }

  get state(): PairingWindowState {
    return this.#state
  }

  /** A connection from somebody who wants to pair. */
  accept(link: PairingLink): void {
    const talk = new Conversation(link, this.#options.clock)
    this.#talks.add(talk)
    void this.#serve(talk).finally(() => {
      if (this.#current === talk) this.#current = null
      this.#talks.delete(talk)
      this.#settleWaiting()
      talk.close()
    })
  }

  /** The person closed it. A joining that was confirmed goes on: the code is spent, the other side counts on us. */
  close(): void {
    if (this.#state.kind === 'waiting') this.#become({ kind: 'closed' })
  }

  async #serve(talk: Conversation): Promise<void> {
    const attempt = await talk.next(stepMs)
    if (!attempt.ok || attempt.value.kind !== 'try') return
    const refused = this.#refusal()
    if (refused !== null) return this.#refuse(talk, refused)
    // Counted before anything is answered: whoever hangs up after our share has learned no more than a wrong guess.
    this.#tries += 1
    this.#current = talk
    this.#tell()
    const { check, pin } = this.#options
    const shown = check.shown(this.#code, {
      typedPin: talk.link.pin,
      shownPin: pin,
      exported: (label, length) => talk.link.exported(label, length),
    })
    const share = shown.answer(attempt.value.share)
    if (share === null) return this.#refuse(talk, 'wrong-code')
    talk.say({ kind: 'share', share })
    const answer = await talk.next(stepMs)
    if (!answer.ok || answer.value.kind !== 'proof') return
    const proof = shown.check(answer.value.proof)
    if (proof === null) return this.#refuse(talk, 'wrong-code')
    if (this.#state.kind !== 'waiting') return this.#refuse(talk, this.#refusal() ?? 'closed')
    this.#tries -= 1 // It was no guess.
    this.#tell()
    const newcomer = this.#options.describe()
    talk.say({ kind: 'welcome', proof, newcomer })
    await this.#confirmed(talk, newcomer)
  }

  async #confirmed(talk: Conversation, newcomer: Newcomer): Promise<void> {
    const answer = await talk.next(provenMs)
    if (!answer.ok || answer.value.kind !== 'confirm') return
    if (this.#state.kind !== 'waiting') return this.#refuse(talk, this.#refusal() ?? 'closed')
    const { host } = answer.value
    this.#become({ kind: 'joining', host })
    talk.say({ kind: 'confirmed' })
    const invited = await talk.next(joiningMs)
    if (!invited.ok || invited.value.kind !== 'invitation') {
      return this.#become({
        kind: 'failed',
        reason: `${host.name} did not finish adding this device.`,
      })
    }
    await this.#join(talk, { host, newcomer, invitation: invited.value.invitation })
  }

  async #join(
    talk: Conversation,
    met: { host: Host; newcomer: Newcomer; invitation: Invitation },
  ): Promise<void> {
    const { host, newcomer, invitation } = met
    if (invitation.id !== newcomer.id || invitation.bring !== host.bring) {
      this.#become({
        kind: 'failed',
        reason: `${host.name} sent an invitation for another device.`,
      })
      return this.#refuse(talk, 'malformed')
    }
    const joined = await this.#options.join(invitation)
    if (joined.ok) {
      this.#become({ kind: 'joined', host })
      talk.say({ kind: 'joined' })
      return
    }
    this.#become({ kind: 'failed', reason: joined.error })
    talk.say({ kind: 'refused', refused: 'failed', message: joined.error, triesLeft: null })
  }

  /** Why nobody may try now; null: go on. */
  #refusal(): PairingRefusedKind | null {
    switch (this.#state.kind) {
      case 'waiting':
        return this.#current === null ? null : 'busy'
      case 'joining':
        return 'busy'
      case 'burnt':
      case 'expired':
        return this.#state.kind
      default:
        return 'closed'
    }
  }

  #refuse(talk: Conversation, refused: PairingRefusedKind): void {
    const triesLeft = refused === 'wrong-code' ? triesMax - this.#tries : null
    talk.say({ kind: 'refused', refused, message: words[refused], triesLeft })
  }

  /** An exchange is over and the code unspent: is it still good? */
  #settleWaiting(): void {
    if (this.#state.kind !== 'waiting' || this.#current !== null) return
    if (this.#tries >= triesMax) this.#become({ kind: 'burnt' })
    else if (this.#isPastTime) this.#become({ kind: 'expired' })
  }

  #waiting(): PairingWindowState {
    const triesLeft = triesMax - this.#tries
    return { kind: 'waiting', code: this.#code, expiresAt: this.#expiresAt, triesLeft }
  }

  #tell(): void {
    if (this.#state.kind === 'waiting') this.#become(this.#waiting())
  }

  #become(state: PairingWindowState): void {
    this.#state = state
    if (state.kind !== 'waiting') this.#stopExpiry()
    if (state.kind === 'closed' || state.kind === 'burnt' || state.kind === 'expired') {
      for (const talk of this.#talks) {
        if (talk !== this.#current) talk.close()
      }
    }
    this.#options.changed(state)
  }
}

const words: Record<PairingRefusedKind, string> = {
  'wrong-code': 'This is not the code that the new device shows.',
  burnt: 'The code was mistyped three times and is void. Show a new one on the new device.',
  expired: 'The code has expired. Show a new one on the new device.',
  closed: 'The new device does not show a code any more.',
  busy: 'Another device is being paired with it at this moment.',
  'not-allowed': 'This is not possible from here.',
  unreachable: 'The new device cannot be reached.',
  'timed-out': 'The new device did not answer in time.',
  malformed: 'The two devices do not understand each other. Is Quire up to date on both?',
  failed: 'The new device could not join.',
}

/** Opens the window: from now on the code is good. */
export function openPairing(options: OpenPairing): PairingWindow {
  return new PairingWindow(options)
}
