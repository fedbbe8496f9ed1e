import type { DeviceApi } from '../../app/device-api.ts'
import { outcome } from '../answer.ts'
import type { Api } from '../api.ts'
import { problemResponse } from '../problem.ts'

const zipTypes = /^application\/(zip|x-zip-compressed|octet-stream)\s*(;|$)/i

export function fileRoutes(app: Api, device: DeviceApi): void {
  app.get('/v1/export', () => {
    const day = new Date().toISOString().slice(0, 10)
    return new Response(streamed(device.exportZip()), {
      headers: {
        'content-type': 'application/zip',
        'content-disposition': `attachment; filename="Quire ${day}.zip"`,
        'cache-control': 'no-store',
      },
    })
  })

  app.post('/v1/import', async (c) => {
    if (!zipTypes.test(c.req.header('content-type') ?? '')) {
      return problemResponse('wrong-content-type', 'the body must be application/zip')
    }
    return outcome(await device.importZip(c.env.incoming.iterator({ destroyOnReturn: false })))
  })
}

function streamed(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const next = await iterator.next()
      if (next.done) controller.close()
      else controller.enqueue(next.value)
    },
    async cancel() {
      await iterator.return?.()
    },
  })
}
