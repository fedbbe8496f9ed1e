import type { Clock } from '../../src-shared/base/clock.ts'

interface Alarm {
  at: number
  readonly every: number | null
  readonly call: () => void
}

/** Time that moves when the test says so. */
export class HandClock implements Clock {
  #now = 1_000
  readonly #alarms = new Set<Alarm>()

  now(): number {
    return this.#now
  }

  wall(): string {
    return new Date(Date.UTC(2030, 0, 1) + this.#now).toISOString()
  }

  after(ms: number, call: () => void): () => void {
    return this.#set({ at: this.#now + ms, every: null, call })
  }

  every(ms: number, call: () => void): () => void {
    return this.#set({ at: this.#now + ms, every: ms, call })
  }

  /** Alarms that are due ring in order, each at its own moment. */
  advance(ms: number): void {
    const until = this.#now + ms
    for (let due = this.#next(until); due !== null; due = this.#next(until)) {
      this.#now = Math.max(this.#now, due.at)
      if (due.every === null) this.#alarms.delete(due)
      else due.at += due.every
      due.call()
    }
    this.#now = until
  }

  /** A machine that slept: time has passed, missed beats are dropped. */
  jump(ms: number): void {
    this.#now += ms
    for (const alarm of this.#alarms) {
      if (alarm.every !== null && alarm.at < this.#now) alarm.at = this.#now
    }
    this.advance(0)
  }

  get alarms(): number {
    return this.#alarms.size
  }

  #set(alarm: Alarm): () => void {
    this.#alarms.add(alarm)
    return () => this.#alarms.delete(alarm)
  }

  #next(until: number): Alarm | null {
    let first: Alarm | null = null
    for (const alarm of this.#alarms) {
      if (alarm.at <= until && (first === null || alarm.at < first.at)) first = alarm
    }
    return first
  }
}
