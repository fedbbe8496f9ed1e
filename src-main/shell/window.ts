import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app, BrowserWindow, nativeTheme, net, protocol, screen, session } from 'electron'
import { contentSecurityPolicy, noncePlaceholder } from '../serve/assets.ts'
import { windowOrigin, windowScheme } from './channels.ts'
import { assetName, mayNavigate } from './navigation.ts'
import {
  type Placement,
  parsePlacement,
  visiblePlacement,
  windowOptions,
} from './window-options.ts'

const placementFile = 'window.json'

/** Before the app is ready: the scheme of our pages behaves like the web's. */
export function registerScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true }
  protocol.registerSchemesAsPrivileged([{ scheme: windowScheme, privileges }])
}

/** After the app is ready: our files behind the scheme, and a no to every permission that a page could ask for. */
export function prepareSession(assets: string): void {
  protocol.handle(windowScheme, async (request) => {
    const name = assetName(request.url)
    if (name === null) return new Response('nothing here', { status: 404 })
    if (name === 'index.html') return page(join(assets, name))
    return net.fetch(pathToFileURL(join(assets, name)).href)
  })
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) =>
    decide(false),
  )
  session.defaultSession.setPermissionCheckHandler(() => false)
  session.defaultSession.setDevicePermissionHandler(() => false)
}

function page(file: string): Response {
  const nonce = randomBytes(16).toString('base64')
  return new Response(readFileSync(file, 'utf8').replaceAll(noncePlaceholder, nonce), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy(nonce, "'none'"),
    },
  })
}

export function openWindow(preload: string): BrowserWindow {
  const screens = screen.getAllDisplays().map((display) => display.workArea)
  const placement = visiblePlacement(readPlacement(), screens)
  const dark = nativeTheme.shouldUseDarkColors
  const window = new BrowserWindow(windowOptions(preload, placement, dark))
  if (placement?.maximised) window.maximize()
  fence(window)
  window.once('ready-to-show', () => window.show())
  window.on('close', () => rememberPlacement(window))
  void window.loadURL(`${windowOrigin}/`)
  return window
}

/** No navigation, no windows, no webviews: the page stays ours (Electron's security checklist, 12-14). */
function fence({ webContents }: BrowserWindow): void {
  webContents.on('will-navigate', (event) => {
    if (!mayNavigate(event.url)) event.preventDefault()
  })
  webContents.on('will-redirect', (event) => event.preventDefault())
  webContents.on('will-attach-webview', (event) => event.preventDefault())
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

function readPlacement(): Placement | null {
  try {
    return parsePlacement(JSON.parse(readFileSync(placementPath(), 'utf8')))
  } catch {
    return null // never saved, or unreadable: the usual size will do
  }
}

function rememberPlacement(window: BrowserWindow): void {
  const placement: Placement = { bounds: window.getNormalBounds(), maximised: window.isMaximized() }
  writeFileSync(placementPath(), JSON.stringify(placement), { mode: 0o600 })
}

function placementPath(): string {
  return join(app.getPath('userData'), placementFile)
}
