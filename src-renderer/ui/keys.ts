/** Electron's way of writing keys, understood and shown in a window. */

const isApple = (): boolean => /Mac|iPhone|iPad/.test(navigator.platform)

interface Pressed {
  readonly key: string
  readonly code: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

/** Whether the pressed keys are the accelerator's. Letters are compared by what they type, so that other layouts keep their own. */
export function matches(accelerator: string, event: Pressed, apple = isApple()): boolean {
  const parts = accelerator.split('+')
  const key = parts.at(-1) ?? ''
  const main = parts.includes('CmdOrCtrl')
  return (
    (apple ? event.metaKey : event.ctrlKey) === main &&
    !(apple ? event.ctrlKey : event.metaKey) &&
    event.altKey === parts.includes('Alt') &&
    event.shiftKey === parts.includes('Shift') &&
    isKey(key, event)
  )
}

function isKey(key: string, event: Pressed): boolean {
  if (key === 'Up' || key === 'Down') return event.key === `Arrow${key}`
  if (/^\d$/.test(key)) return event.code === `Digit${key}` || event.key === key
  // With Alt, macOS types another letter; the place on the keyboard says which was meant.
  if (/^[A-Z]$/.test(key) && event.altKey) return event.code === `Key${key}`
  return event.key.toLowerCase() === key.toLowerCase()
}

/** "Ctrl-Shift-F" or "⇧⌘F". */
export function shownKeys(accelerator: string, apple = isApple()): string {
  const parts = accelerator.split('+')
  if (!apple) {
    return parts.map((part) => (part === 'CmdOrCtrl' ? 'Ctrl' : part)).join('-')
  }
  const signs: Readonly<Record<string, string>> = {
    CmdOrCtrl: '⌘',
    Shift: '⇧',
    Alt: '⌥',
    Up: '↑',
    Down: '↓',
    Backspace: '⌫',
  }
  const order = ['Alt', 'Shift', 'CmdOrCtrl']
  const sorted = parts.toSorted((a, b) => rank(order, a) - rank(order, b))
  return sorted.map((part) => signs[part] ?? part).join('')
}

function rank(order: readonly string[], part: string): number {
  const at = order.indexOf(part)
  return at === -1 ? order.length : at
}
