import type { DeviceApi, DeviceEvent } from '../../app/device-api.ts'
import type { Api } from '../api.ts'
import { memberOf, statusOf } from './devices.ts'

/** A comment line so often keeps the stream open through anything that closes idle ones, in ms. */
export const keepAliveMs = 15_000
/** Bytes that wait for a reader who does not read; then the stream ends, and the reader asks again. */
export const eventBytesWaitingMax = 1024 * 1024

/** GET /v1/events: server-sent events `note` {id, rev}, `status`, `member`. */
export function eventRoutes(app: Api, device: DeviceApi): void {
  app.get('/v1/events', () => {
    let stop = (): void => undefined
    const stream = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          const encoder = new TextEncoder()
          const send = (text: string): void => {
            const bytes = encoder.encode(text)
            if ((controller.desiredSize ?? 0) >= bytes.length) return controller.enqueue(bytes)
            stop()
            controller.close()
          }
          const timer = setInterval(() => send(': still here\n\n'), keepAliveMs)
          const unhear = device.hear((event) => {
            const told = toldOf(event)
            if (told !== null) send(`event: ${told.name}\ndata: ${JSON.stringify(told.data)}\n\n`)
          })
          stop = () => {
            clearInterval(timer)
            unhear()
          }
          send('retry: 1000\n\n')
        },
        cancel: () => stop(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: eventBytesWaitingMax }),
    )
    return new Response(stream, {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    })
  })
}

function toldOf(event: DeviceEvent): { name: string; data: unknown } | null {
  switch (event.name) {
    case 'applied':
      return { name: 'note', data: event.event }
    case 'status':
      return { name: 'status', data: statusOf(event.event) }
    case 'member':
      return { name: 'member', data: memberOf(event.event) }
    default:
      return null
  }
}
