/**
 * An ISO 8601 time in UTC, moved by milliseconds. Pure arithmetic on the calendar: only host/ may ask what time it is,
 * so what comes in is its answer.
 */
export function later(wall: string, ms: number): string {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z$/.exec(wall)
  if (parts === null) return wall
  const [year, month, day, hour, minute, second, milli] = parts.slice(1).map(Number) as Seven
  const inDay = ((hour * 60 + minute) * 60 + second) * 1000 + milli + ms
  const days = daysBefore(year, month) + day + Math.floor(inDay / dayMs)
  return `${dateOf(days)}T${timeOf(((inDay % dayMs) + dayMs) % dayMs)}Z`
}

type Seven = [number, number, number, number, number, number, number]

const dayMs = 86_400_000
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

function lengthOf(year: number, month: number): number {
  return month === 2 && isLeap(year) ? 29 : (monthDays[month - 1] ?? 0)
}

/** Days of the era (Gregorian throughout) before the first of a month. */
function daysBefore(year: number, month: number): number {
  const past = year - 1
  let days = past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400)
  for (let each = 1; each < month; each++) days += lengthOf(year, each)
  return days
}

function dateOf(days: number): string {
  let year = Math.floor(days / 366)
  while (daysBefore(year + 1, 1) < days) year += 1
  let month = 1
  while (month < 12 && daysBefore(year, month + 1) < days) month += 1
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(days - daysBefore(year, month), 2)}`
}

function timeOf(ms: number): string {
  const second = Math.floor(ms / 1000)
  const clock = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60]
  return `${clock.map((part) => digits(part, 2)).join(':')}.${digits(ms % 1000, 3)}`
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0')
}
