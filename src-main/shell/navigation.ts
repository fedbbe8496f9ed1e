import { windowOrigin } from './channels.ts'

/** The frame that asks: Electron's WebFrameMain, as far as we look at it. */
export interface AskingFrame {
  readonly url: string
  /** Null for the main frame of its window. */
  readonly parent: unknown
}

/** Only the main frame of a page of ours may ask (Electron's security checklist, 17). */
export function isOwnFrame(frame: AskingFrame | null): boolean {
  if (frame === null || frame.parent !== null) return false
  const url = parsed(frame.url)
  return url !== null && originOf(url) === windowOrigin
}

/** A window shows the app and nothing else, for its whole life. */
export function mayNavigate(to: string): boolean {
  const url = parsed(to)
  return url !== null && originOf(url) === windowOrigin && url.pathname === '/'
}

const outsideSchemes: readonly string[] = ['https:', 'http:', 'mailto:']

/** The address to hand to the system's browser, or null: never a file, a share, or a scheme that starts a program. */
export function outsideAddress(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > 8_192) return null
  const url = parsed(text)
  if (url === null || !outsideSchemes.includes(url.protocol)) return null
  if (
    url.protocol !== 'mailto:' &&
    (url.hostname === '' || url.username !== '' || url.password !== '')
  ) {
    return null
  }
  return url.href
}

/** The file of the built window behind an address of ours; null: there is none, and nothing outside the folder is named. */
export function assetName(address: string): string | null {
  const url = parsed(address)
  if (url === null || originOf(url) !== windowOrigin) return null
  const name = url.pathname === '/' ? 'index.html' : url.pathname.slice(1)
  return /^(?:[A-Za-z0-9_-]+\/)*[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+$/.test(name) ? name : null
}

function parsed(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}

/** `URL.origin` is "null" for schemes that are not the web's. */
function originOf(url: URL): string {
  return `${url.protocol}//${url.host}`
}
