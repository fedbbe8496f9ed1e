import { digestHex } from '../../../src-shared/notes/digest.ts'
import { deepDigest } from '../../../src-shared/notes/snapshot-codec.ts'
import { freeze } from '../../../src-shared/notes/state.ts'
import { Device, type Snapshot } from './device.ts'
import { Dice } from './dice.ts'
import { Tags } from './tags.ts'
import { Tokens } from './tokens.ts'
import type { Window } from './window.ts'

export interface LogEntry {
  readonly index: number
  readonly term: number
  readonly data: Uint8Array
}

export interface Outcome {
  readonly tokens: number
  readonly commands: number
  readonly crashes: number
  readonly installs: number
  readonly lost: number
  readonly duplicated: number
  /** Devices, documents or windows that differ in the end. */
  readonly diverged: number
}

/** Each world draws its own mixture of trouble, in percent of the steps that could have it. */
interface Climate {
  readonly devices: number
  readonly inFlight: number
  readonly loss: number
  readonly repeat: number
  readonly crash: number
  readonly offline: number
  /** It speaks and hears nothing. */
  readonly deaf: number
  readonly compaction: number
  readonly paste: number
  readonly steps: number
}

const fillers = ['', '', '', '\n', '\r\n', '\r', ' ', '- [ ] ', '👩‍💻']

export class World {
  readonly #dice: Dice
  readonly #climate: Climate
  readonly #tokens = new Tokens()
  readonly #tags = new Tags()
  readonly #devices: Device[]
  readonly #notes: string[] = []
  #log: LogEntry[] = []
  #term = 1
  #lastIndex = 0
  #snapshot: Snapshot | null = null
  #mail: (readonly Uint8Array[])[] = []
  #now = 0
  #crashes = 0
  #installs = 0

  constructor(seed: number) {
    this.#dice = new Dice(seed)
    const dice = this.#dice
    const upTo = (bound: number) => (dice.chance(50) ? dice.below(bound) : 0)
    this.#climate = {
      devices: 2 + dice.below(4),
      inFlight: dice.pick([1, 4]),
      loss: upTo(40),
      repeat: upTo(40),
      crash: upTo(3),
      offline: upTo(8),
      deaf: upTo(80),
      compaction: upTo(6),
      paste: dice.chance(3) ? 2 : 0,
      steps: 40 + dice.below(110),
    }
    const clock = () => `2026-11-20T00:00:00.000Z`.replace('00:00:00.000', this.#time())
    this.#devices = Array.from(
      { length: this.#climate.devices },
      (_, at) => new Device(String(1001 + at), this.#climate.inFlight, clock),
    )
  }

  #time(): string {
    this.#now++
    const [minutes, seconds] = [Math.floor(this.#now / 60_000), Math.floor(this.#now / 1000) % 60]
    const two = (value: number) => String(value).padStart(2, '0')
    return `00:${two(minutes)}:${two(seconds)}.${String(this.#now % 1000).padStart(3, '0')}`
  }

  run(): Outcome {
    this.#createNote()
    for (let step = 0; step < this.#climate.steps; step++)
      this.#step(this.#dice.pick(this.#devices))
    this.#heal()
    const notes = this.#devices[0]?.state.notes
    const tokens = this.#tokens.count(this.#notes.map((id) => notes?.get(id)?.body ?? ''))
    const tags = this.#tags.count((id) => notes?.get(id)?.tags ?? [])
    return {
      tokens: this.#tokens.all.length,
      commands: this.#lastIndex,
      crashes: this.#crashes,
      installs: this.#installs,
      lost: tokens.lost + tags.lost,
      duplicated: tokens.duplicated + tags.duplicated,
      diverged: this.#divergence(),
    }
  }

  #step(device: Device): void {
    const { climate, dice } = { climate: this.#climate, dice: this.#dice }
    if (dice.chance(climate.offline)) device.isOnline = !device.isOnline
    if (dice.chance(climate.crash)) this.#crash(device)
    if (dice.chance(climate.compaction)) this.#compact(device)
    if (dice.chance(3) && this.#notes.length < 3) this.#createNote(device)
    for (let burst = dice.below(4); burst > 0; burst--) this.#type(device)
    if (dice.chance(15)) this.#tag(device)
    for (const window of device.windows) if (dice.chance(60)) this.#sync(device, window)
    if (dice.chance(70)) device.save()
    if (dice.chance(60)) this.#finishWrite(device)
    if (dice.chance(10)) device.resend()
    if (device.isOnline) this.#exchange(device)
  }

  #createNote(device: Device = this.#devices[0] as Device): void {
    const noteId = String(this.#notes.length + 1).padStart(32, '0')
    this.#notes.push(noteId)
    const token = this.#tokens.next(device.id)
    device.create(noteId, `# ${token.character}\n`)
    if (this.#dice.chance(50)) return
    device.save()
    this.#finishWrite(device)
  }

  #type(device: Device): void {
    const window = this.#someWindow(device)
    if (window === null) return
    const places = [...boundaries(window.text)]
    const from = this.#dice.pick(places)
    const isDeleting = this.#dice.chance(25)
    const to = isDeleting ? this.#dice.pick(places.filter((p) => p >= from && p <= from + 6)) : from
    for (const token of this.#tokens.in(window.text.slice(from, to))) token.isDeleted = true
    const token = this.#tokens.next(device.id)
    const filler = this.#dice.pick(fillers)
    const paste = this.#dice.chance(this.#climate.paste) ? '.'.repeat(70_000) : ''
    window.type(from, to, `${filler}${token.character}${paste}`)
  }

  #tag(device: Device): void {
    const noteId = this.#dice.pick(this.#notes)
    if (!device.state.notes.has(noteId) && !device.documents.has(noteId)) return
    const shown = device.shownTags(noteId)
    const gone = this.#dice.chance(50) ? this.#tags.remove(noteId, device.id, shown) : null
    const add = gone === null ? [this.#tags.add(noteId, device.id)] : []
    device.tag(noteId, add, gone === null ? [] : [gone])
  }

  #someWindow(device: Device): Window | null {
    if (device.windows.length > 0 && this.#dice.chance(85)) return this.#dice.pick(device.windows)
    const known = this.#notes.filter((id) => device.state.notes.has(id) || device.documents.has(id))
    if (known.length === 0 || device.windows.length >= 3) return null
    return device.openWindow(this.#dice.pick(known))
  }

  #sync(device: Device, window: Window): void {
    device.pushWindow(window, this.#dice.chance(20))
    if (this.#dice.chance(50)) window.pull(device.document(window.noteId))
  }

  #finishWrite(device: Device): void {
    const durable = device.finishWrite()
    for (const command of durable?.commands ?? []) {
      this.#tags.keep(command)
      const texts =
        command.kind === 'note.create'
          ? [command.body]
          : command.kind === 'note.change'
            ? command.changes.flatMap((s) => (typeof s === 'number' ? [] : s.slice(1).map(String)))
            : []
      for (const token of this.#tokens.in(texts.join('\n'))) token.isKept = true
    }
  }

  /** Proposals leave, some are lost, some come twice, all in any order; then the device hears some of the log. */
  #exchange(device: Device): void {
    const { climate, dice } = { climate: this.#climate, dice: this.#dice }
    for (const entries of device.propose()) {
      if (dice.chance(climate.loss)) continue
      this.#mail.push(entries)
      if (dice.chance(climate.repeat)) this.#mail.push(entries)
    }
    for (let left = dice.below(4); left > 0; left--) this.#append()
    if (!dice.chance(climate.deaf)) this.#deliver(device, 1 + dice.below(12))
  }

  #append(): void {
    const { climate, dice } = { climate: this.#climate, dice: this.#dice }
    if (this.#mail.length === 0) return
    const at = dice.chance(70) ? 0 : dice.below(this.#mail.length)
    const [entries = []] = this.#mail.splice(at, 1)
    if (dice.chance(5)) this.#term++
    for (const data of entries) {
      // A part of a long command may go missing on its own.
      if (entries.length > 1 && dice.chance(climate.loss / 8)) continue
      this.#log.push({ index: ++this.#lastIndex, term: this.#term, data })
    }
  }

  #deliver(device: Device, count: number): void {
    const first = this.#log[0]?.index ?? this.#lastIndex + 1
    if (device.applied + 1 < first) {
      if (this.#snapshot === null) throw new Error('compacted without a snapshot')
      device.install(this.#snapshot)
      this.#installs++
    }
    const from = device.applied + 1 - (this.#log[0]?.index ?? 0)
    device.apply(this.#log.slice(from, from + count), this.#dice.chance(80))
    if (this.#dice.chance(10)) device.checkpoint()
  }

  /** A device writes a snapshot and the log behind it goes. */
  #compact(device: Device): void {
    const snapshot = device.checkpoint()
    if (snapshot.index <= (this.#snapshot?.index ?? 0)) return
    this.#snapshot = snapshot
    this.#log = this.#log.filter((entry) => entry.index > snapshot.index)
  }

  #crash(device: Device): void {
    this.#crashes++
    device.crash()
    this.#tags.crash(device.id)
    for (const token of this.#tokens.all) {
      if (token.device === device.id && !token.isKept) token.isForgiven = true
    }
  }

  /** Everybody is back, nothing is lost any more, and all have time. */
  #heal(): void {
    for (const device of this.#devices) device.isOnline = true
    for (let round = 0; round < 400; round++) {
      for (const device of this.#devices) {
        for (const window of device.windows) {
          device.pushWindow(window, false)
          window.pull(device.document(window.noteId))
        }
        device.save()
        while (!device.isSaved) this.#finishWrite(device)
        if (round % 4 === 0) device.resend()
        this.#mail.push(...device.propose())
        while (this.#mail.length > 0) this.#appendAll()
        this.#deliver(device, 1000)
      }
      if (this.#isQuiet()) break
    }
    for (const device of this.#devices) {
      for (const window of device.windows) window.pull(device.document(window.noteId))
    }
  }

  #appendAll(): void {
    for (const data of this.#mail.shift() ?? []) {
      this.#log.push({ index: ++this.#lastIndex, term: this.#term, data })
    }
  }

  #isQuiet(): boolean {
    return this.#devices.every((device) => device.isIdle && device.applied === this.#lastIndex)
  }

  #divergence(): number {
    const [first, ...rest] = this.#devices
    if (first === undefined) return 0
    const of = (device: Device) => digestHex(device.state.digest) + deepDigest(freeze(device.state))
    let diverged = rest.filter((device) => of(device) !== of(first)).length
    if (!this.#isQuiet()) diverged++
    for (const device of this.#devices) {
      const body = (noteId: string) => device.state.notes.get(noteId)?.body
      for (const document of device.documents.values()) {
        if (document.text !== body(document.noteId)) diverged++
      }
      for (const window of device.windows) if (window.text !== body(window.noteId)) diverged++
    }
    return diverged
  }
}

/** Every place that splits no character. */
function* boundaries(text: string): Generator<number> {
  let at = 0
  yield at
  for (const character of text) {
    at += character.length
    yield at
    if (at > 200 && text.length > 2000) return // A pasted page: its beginning will do.
  }
}
