import { useSyncExternalStore } from 'react'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** "now", "5 min", "3 h", "yesterday", "Tue", "14 Mar", "14 Mar 2024": as short as it can be without a question. */
export function relativeTime(iso: string, now: number): string {
  const at = Date.parse(iso)
  if (Number.isNaN(at)) return ''
  const age = now - at
  if (age < minute) return 'now'
  if (age < hour) return `${Math.floor(age / minute)} min`
  if (age < 12 * hour || sameDay(at, now)) return `${Math.floor(age / hour)} h`
  if (sameDay(at, now - day)) return 'yesterday'
  if (age < 6 * day) return format(at, { weekday: 'short' })
  if (new Date(at).getFullYear() === new Date(now).getFullYear()) {
    return format(at, { day: 'numeric', month: 'short' })
  }
  return format(at, { day: 'numeric', month: 'short', year: 'numeric' })
}

/** The same for the middle of a sentence: "just now", "5 min ago", "yesterday", "on 14 Mar". */
export function relativeTimeInWords(iso: string, now: number): string {
  const short = relativeTime(iso, now)
  if (short === 'now') return 'just now'
  if (/^\d+ (min|h)$/.test(short)) return `${short} ago`
  return short === 'yesterday' || short === '' ? short : `on ${short}`
}

/** With seconds and weekday, in the person's own time and manner: for a tooltip. */
export function exactTime(iso: string): string {
  const at = Date.parse(iso)
  if (Number.isNaN(at)) return iso
  return format(at, { dateStyle: 'full', timeStyle: 'medium' })
}

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString()
}

/** In the person's own English, or else in one: the words around it are English too. */
function format(at: number, options: Intl.DateTimeFormatOptions): string {
  const language = globalThis.navigator?.languages?.find((tag) => tag.startsWith('en')) ?? 'en-GB'
  return new Intl.DateTimeFormat(language, options).format(at)
}

const coarse = 20_000

/** Now in ms, renewed every 20 seconds while anyone looks: one timer for all. */
export function useNow(): number {
  return useSyncExternalStore(subscribeCoarse, nowCoarse)
}

/** Now in ms, renewed every second: for a countdown. */
export function useSeconds(): number {
  return useSyncExternalStore(subscribeSeconds, nowInSeconds)
}

function nowCoarse(): number {
  return Math.floor(Date.now() / coarse) * coarse + coarse
}

function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000) * 1000
}

function subscribeCoarse(listener: () => void): () => void {
  const timer = setInterval(listener, coarse)
  return () => clearInterval(timer)
}

function subscribeSeconds(listener: () => void): () => void {
  const timer = setInterval(listener, 250)
  return () => clearInterval(timer)
}
