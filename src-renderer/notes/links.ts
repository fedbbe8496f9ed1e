import { syntaxTree } from '@codemirror/language'
import type { EditorState } from '@codemirror/state'

const schemes = new Set(['https:', 'http:', 'mailto:'])
const addressUnitsMax = 2_048

/** The address as a URL if it may be opened at all: https, http and mailto, nothing else, and never by guessing. */
export function safeLink(address: string): URL | null {
  if (address.length > addressUnitsMax || !URL.canParse(address)) return null
  const url = new URL(address)
  if (!schemes.has(url.protocol)) return null
  // A name before the host is there to be mistaken for the host.
  if (url.protocol !== 'mailto:' && (url.username !== '' || url.password !== '')) return null
  return url
}

/** What the confirmation shows large: where it really goes. */
export function destination(url: URL): string {
  return url.protocol === 'mailto:' ? decoded(url.pathname) : url.host
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a stray percent sign: shown as it is
  }
}

/** The address that the text names at a place: of the link around it, or the bare address itself. */
export function addressAt(state: EditorState, at: number): string | null {
  let node = syntaxTree(state).resolveInner(at, 1)
  while (node.parent !== null && !['Link', 'Image', 'URL', 'Autolink'].includes(node.name)) {
    node = node.parent
  }
  const url = node.name === 'URL' ? node : node.getChild('URL')
  return url === null ? null : state.sliceDoc(url.from, url.to)
}
