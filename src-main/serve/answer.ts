import type { Outcome } from '../../src-shared/base/outcome.ts'
import {
  type Refused,
  type Wait,
  type Written,
  waitMsDefault,
  waitMsMax,
} from '../app/device-api.ts'
import { problemResponse } from './problem.ts'

export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  })
}

export function refusal(refused: Refused): Response {
  return problemResponse(refused.kind, refused.message)
}

export function outcome<T>(result: Outcome<T, Refused>, status = 200): Response {
  return result.ok ? json(result.value, status) : refusal(result.error)
}

/** {id, rev, index} with 200 or 201 once it is committed and applied here; 202 when it is only in the outbox yet. */
export function written(result: Outcome<Written, Refused>, status: 200 | 201): Response {
  if (!result.ok) return refusal(result.error)
  const { id, rev } = result.value
  if (result.value.state === 'saved') return json({ id, rev, state: 'saved' }, 202)
  return json({ id, rev, index: result.value.index }, status)
}

/** `?wait=` in ms, `waitMsDefault` when not given; null: not a number from 0 to `waitMsMax`. */
export function waitOf(query: URLSearchParams): Wait | null {
  const text = query.get('wait')
  if (text === null) return { ms: waitMsDefault }
  const ms = wholeNumber(text)
  return ms === null || ms > waitMsMax ? null : { ms }
}

/** The query of a request's address. */
export function queryOf(url: string): URLSearchParams {
  const mark = url.indexOf('?')
  return new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1))
}

export function badWait(): Response {
  return problemResponse('malformed', `wait: a number of milliseconds from 0 to ${waitMsMax}`)
}

export function wholeNumber(text: string): number | null {
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : null
}

/** A yes or no of a query string; null for anything else. */
export function yesOrNo(text: string): boolean | null {
  if (text === 'true' || text === '1') return true
  return text === 'false' || text === '0' ? false : null
}
