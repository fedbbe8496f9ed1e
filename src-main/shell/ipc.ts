import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { app, dialog, type IpcMainInvokeEvent, ipcMain, shell, type WebContents } from 'electron'
import { fail, type Outcome, ok } from '../../src-shared/base/outcome.ts'
import { type CallName, callNames, type Refusal } from '../../src-shared/ipc/contract.ts'
import type { DeviceApi, DeviceEvent, WindowApi } from '../app/device-api.ts'
import { handlers } from '../app/handlers.ts'
import {
  callChannel,
  eventChannel,
  exportChannel,
  isEventName,
  openLinkChannel,
} from './channels.ts'
import { isOwnFrame, outsideAddress } from './navigation.ts'

type Answer = (event: IpcMainInvokeEvent, ask: unknown) => Promise<unknown>

/** The contract over Electron's IPC: the first carrier. Every sender is checked, every shape is parsed behind it. */
export function serveIpc(device: DeviceApi & WindowApi): void {
  const table = handlers(device)
  for (const name of Object.keys(callNames) as CallName[]) {
    guarded(callChannel(name), (event, ask) => table[name](ask, windowOf(event.sender)))
  }
  guarded(exportChannel, () => exportTo(device))
  guarded(openLinkChannel, async (_event, text) => {
    const address = outsideAddress(text)
    if (address !== null) await shell.openExternal(address)
  })
}

function guarded(channel: string, answer: Answer): void {
  ipcMain.handle(channel, (event, ask: unknown) => {
    if (!isOwnFrame(event.senderFrame)) throw new Error('this frame may not ask')
    return answer(event, ask)
  })
}

export function windowOf(contents: WebContents): string {
  return `window-${contents.id}`
}

/** Events of the contract go to every window; the steps of a note only to those that have it open. */
export function tell(contents: WebContents, event: DeviceEvent): void {
  if (contents.isDestroyed() || !isEventName(event.name)) return
  if (event.name === 'note' && !event.windows.includes(windowOf(contents))) return
  contents.send(eventChannel(event.name), event.event)
}

async function exportTo(device: DeviceApi): Promise<Outcome<string | null, Refusal>> {
  const day = new Date().toISOString().slice(0, 10)
  const { canceled, filePath } = await dialog.showSaveDialog({
    defaultPath: join(app.getPath('documents'), `Quire ${day}.zip`),
    filters: [{ name: 'Zip of Markdown', extensions: ['zip'] }],
  })
  if (canceled || filePath === '') return ok(null)
  const part = `${filePath}.part`
  try {
    await pipeline(Readable.from(device.exportZip()), createWriteStream(part))
    await rename(part, filePath)
    return ok(basename(filePath))
  } catch (error) {
    await rm(part, { force: true })
    const why = error instanceof Error ? error.message : String(error)
    return fail({ kind: 'not-written', message: `The file could not be written: ${why}` })
  }
}
