import type { RefusalKind } from '../app/device-api.ts'

/** RFC 9457. `type` is stable: scripts may switch on it. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
}

/** Refusals that only the HTTP layer makes. */
export type GateKind =
  | 'no-token'
  | 'foreign-origin'
  | 'foreign-host'
  | 'no-such-call'
  | 'wrong-method'
  | 'wrong-content-type'
  | 'broken'

interface Row {
  readonly status: number
  readonly title: string
}

const rows: Readonly<Record<RefusalKind | GateKind, Row>> = {
  malformed: { status: 400, title: 'The request is not understood' },
  'no-token': { status: 401, title: 'A valid token is needed' },
  'wrong-code': { status: 403, title: 'The code is not the one shown' },
  'foreign-origin': { status: 403, title: 'This page may not ask' },
  'foreign-host': { status: 403, title: 'The Host is not this device' },
  'not-found': { status: 404, title: 'There is no such note' },
  'unknown-device': { status: 404, title: 'There is no such device' },
  'no-such-call': { status: 404, title: 'There is no such call' },
  'wrong-method': { status: 405, title: 'This call does not take that method' },
  'not-now': { status: 409, title: 'Not now' },
  'rev-too-old': { status: 409, title: 'That revision is no longer known' },
  'newcomer-has-notes': { status: 409, title: 'The new device has notes of its own' },
  'code-burnt': { status: 410, title: 'The code was tried too often' },
  'code-expired': { status: 410, title: 'The code is no longer valid' },
  removed: { status: 410, title: 'This device was removed from its group' },
  'too-large': { status: 413, title: 'Too large' },
  'wrong-content-type': { status: 415, title: 'The content type is not the one expected' },
  'does-not-fit': { status: 422, title: 'The changes do not fit the text' },
  broken: { status: 500, title: 'Something broke' },
  unreachable: { status: 503, title: 'Nobody answers there' },
  unavailable: { status: 503, title: 'No majority of the devices answers' },
  stopped: { status: 503, title: 'This device takes no writes' },
}

export function problem(kind: RefusalKind | GateKind, detail: string): Problem {
  const { status, title } = rows[kind]
  return { type: `urn:quire:problem:${kind}`, title, status, detail }
}

export function problemResponse(kind: RefusalKind | GateKind, detail: string): Response {
  const body = problem(kind, detail)
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { 'content-type': 'application/problem+json' },
  })
}
