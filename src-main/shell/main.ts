import { hostname } from 'node:os'
import { join } from 'node:path'
import { app, BrowserWindow, dialog, Menu, powerMonitor } from 'electron'
import { type Device, openDevice } from '../app/device.ts'
import { commandChannel } from './channels.ts'
import { serveIpc, tell, windowOf } from './ipc.ts'
import { menuTemplate } from './menu.ts'
import { openWindow, prepareSession, registerScheme } from './window.ts'

const here = import.meta.dirname
const preload = join(here, 'preload.cjs')
let device: Device | null = null

process.umask(0o077)
registerScheme()
if (app.requestSingleInstanceLock()) void app.whenReady().then(start)
else app.quit() // the other instance hears 'second-instance' and comes to the front

async function start(): Promise<void> {
  const opened = await openDevice({
    dataDir: app.getPath('userData'),
    defaultName: hostname(),
    listen: { host: null, port: 0 },
    discovery: true,
  })
  if (!opened.ok) {
    dialog.showErrorBox('Quire cannot start', opened.error.message)
    return app.exit(1)
  }
  device = opened.value
  prepareSession(join(here, 'renderer'))
  serveIpc(device)
  device.hear((event) => {
    for (const window of BrowserWindow.getAllWindows()) tell(window.webContents, event)
  })
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, run)))
  powerMonitor.on('suspend', () => device?.sleeping())
  powerMonitor.on('resume', () => device?.woke())
  show()
}

function show(): void {
  const window = openWindow(preload)
  const name = windowOf(window.webContents)
  window.on('closed', () => device?.windowGone(name))
}

function run(id: string): void {
  BrowserWindow.getFocusedWindow()?.webContents.send(commandChannel, id)
}

app.on('second-instance', () => {
  const [window] = BrowserWindow.getAllWindows()
  if (window === undefined) return show()
  if (window.isMinimized()) window.restore()
  window.focus()
})

app.on('activate', () => {
  if (device !== null && BrowserWindow.getAllWindows().length === 0) show()
})

app.on('window-all-closed', () => {
  if (process.platform !== 'darwin') app.quit()
})

/** Killing us at any moment loses nothing, so quitting only tells what is on this device alone, and hands leadership over. */
app.on('before-quit', (event) => {
  if (device === null) return
  event.preventDefault()
  const closing = device
  void leave(closing)
})

async function leave(closing: Device): Promise<void> {
  const { outbox, members } = await closing.status()
  if (outbox.pending > 0 && members.length > 1 && !(await mayLeave(outbox.pending))) return
  device = null
  await closing.close()
  app.quit()
}

async function mayLeave(pending: number): Promise<boolean> {
  const edits = pending === 1 ? '1 edit is' : `${pending} edits are`
  const { response } = await dialog.showMessageBox({
    type: 'info',
    message: `${edits} only on this device.`,
    detail: 'They are kept here and will be shared when Quire runs again and meets another device.',
    buttons: ['Quit', 'Stay'],
    defaultId: 0,
    cancelId: 1,
  })
  return response === 0
}
