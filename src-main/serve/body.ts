import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { bodyBytesMax, describeIssues } from '../app/asks.ts'
import { problemResponse } from './problem.ts'

/** A text of the largest size in JSON where every unit is an escape of six bytes, and some room around it. */
export const jsonBytesMax = 6 * bodyBytesMax + 64 * 1024

/**
 * Reads a JSON body of the given shape; a refusal is the finished answer. It reads Node's own stream, for making the web's
 * Request around it costs more than most calls do.
 */
export async function readJson<T>(
  request: IncomingMessage,
  shape: z.ZodType<T>,
): Promise<Outcome<T, Response>> {
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    return fail(problemResponse('wrong-content-type', 'the body must be application/json'))
  }
  const bytes = await readBytes(request, jsonBytesMax)
  if (bytes === null) {
    return fail(problemResponse('too-large', `a request body has at most ${jsonBytesMax} bytes`))
  }
  const value = parsed(bytes)
  if (!value.ok) return fail(problemResponse('malformed', value.error))
  const result = shape.safeParse(value.value)
  if (!result.success) return fail(problemResponse('malformed', describeIssues(result.error)))
  return ok(result.data)
}

/** The whole body, or null when it is larger than `max`; what is too much is not read. */
function readBytes(request: IncomingMessage, max: number): Promise<Uint8Array | null> {
  if (Number(request.headers['content-length'] ?? 0) > max) return Promise.resolve(null)
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    request.on('data', (part: Buffer) => {
      size += part.length
      if (size > max) {
        request.pause()
        return resolve(null)
      }
      parts.push(part)
    })
    request.once('end', () => resolve(Buffer.concat(parts)))
    request.once('error', reject)
  })
}

function parsed(bytes: Uint8Array): Outcome<unknown, string> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return ok(JSON.parse(text))
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : 'it is not UTF-8'
    return fail(`the body is not JSON: ${why}`)
  }
}
