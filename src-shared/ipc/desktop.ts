import type { Outcome } from '../base/outcome.ts'
import type { CommandId } from './commands.ts'
import type { Bridge, Refusal } from './contract.ts'

/**
 * What the preload puts on `window.quire`: the contract, and the few things that only a desktop shell can do. Each is one
 * function for one act; no channel, no event object, nothing of Electron's reaches the page.
 */
export interface Desktop extends Bridge {
  /** Asks where to, then writes a zip of Markdown. The value is the file's name; null when the person thought better of it. */
  export(): Promise<Outcome<string | null, Refusal>>
  /** Opens an https, http or mailto address outside; the main process checks it again. */
  openLink?(address: string): Promise<void>
  /** A command chosen in the native menu. The answer stops. */
  hearCommand?(listener: (command: CommandId) => void): () => void
}
