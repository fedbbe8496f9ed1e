import { type CommandEntry, type CommandId, commands } from '../../src-shared/ipc/commands.ts'
import { matches, shownKeys } from '../ui/keys.ts'

/** The keys as this shell has them: a browser tab keeps some to itself. */
export function keysIn(shell: 'desktop' | 'browser'): (command: CommandId) => string | null {
  const shown = new Map<string, string>()
  for (const command of commands as readonly CommandEntry[]) {
    const accelerator = acceleratorIn(shell, command)
    if (accelerator !== null) shown.set(command.id, shownKeys(accelerator))
  }
  return (command) => shown.get(command) ?? null
}

function acceleratorIn(shell: 'desktop' | 'browser', command: CommandEntry): string | null {
  return shell === 'browser' ? (command.inBrowser ?? command.accelerator) : command.accelerator
}

/** Runs commands by their keys, wherever the focus is. The editor's own come first, and say so by preventing the default. */
export function listenForKeys(
  shell: 'desktop' | 'browser',
  run: (command: CommandId) => void,
): () => void {
  const listener = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return
    const command = commands.find((candidate) => isMeant(candidate, shell, event))
    if (command === undefined) return
    event.preventDefault() // even where nothing is run: the browser's own meaning would surprise
    if (document.querySelector('dialog[open]') === null) run(command.id)
  }
  window.addEventListener('keydown', listener)
  return () => window.removeEventListener('keydown', listener)
}

function isMeant(
  command: CommandEntry,
  shell: 'desktop' | 'browser',
  event: KeyboardEvent,
): boolean {
  if (command.keys === 'editor') return false
  if (command.keys === 'not-typing' && isTyping(event.target)) return false
  const accelerator = acceleratorIn(shell, command)
  return accelerator !== null && matches(accelerator, event)
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA)$/.test(target.tagName))
  )
}
