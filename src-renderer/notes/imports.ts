import type { ImportFile, ImportReport } from '../../src-shared/ipc/contract.ts'
import { inWords, type WindowBridge } from '../bridge.ts'
import { createStore, type Readable } from '../ui/store.ts'

/** A file that was chosen or dropped, with its path inside of what was chosen. */
export interface ChosenFile {
  readonly path: string
  readonly file: Blob
}

export type ImportState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly report: ImportReport; readonly stopped: string | null }

export interface Imports extends Readable<ImportState> {
  /** One at a time; while one runs, another is not begun. */
  take(files: readonly ChosenFile[]): Promise<void>
  cancel(): void
  close(): void
}

/** A note's text may be 8 MiB; what is larger is refused by name without being read. */
export const importFileBytesMax = 8 * 1024 * 1024
/** What travels in one call: little enough to show progress, enough to be quick. */
export const importBatchBytes = 1024 * 1024
export const importBatchFiles = 200

export function createImports(bridge: Pick<WindowBridge, 'call'>): Imports {
  const store = createStore<ImportState>({ kind: 'idle' })
  let isCancelled = false

  const take = async (files: readonly ChosenFile[]): Promise<void> => {
    if (store.get().kind === 'running') return
    isCancelled = false
    const report = { imported: 0, unchanged: 0, refused: [] as ImportReport['refused'][number][] }
    let done = 0
    let stopped: string | null = null
    store.set({ kind: 'running', done, total: files.length })
    for (const batch of batches(files)) {
      if (isCancelled) stopped = 'Stopped. What was imported so far stays.'
      stopped ??= await sendBatch(bridge, batch, report)
      if (stopped !== null) break
      done += batch.length
      store.set({ kind: 'running', done, total: files.length })
    }
    store.set({ kind: 'done', report, stopped })
  }
  return {
    get: store.get,
    subscribe: store.subscribe,
    take,
    cancel: () => {
      isCancelled = true
    },
    close: () => store.set({ kind: 'idle' }),
  }
}

/** Null: go on. Otherwise why the import stops, in words. */
async function sendBatch(
  bridge: Pick<WindowBridge, 'call'>,
  batch: readonly ChosenFile[],
  report: { imported: number; unchanged: number; refused: { path: string; reason: string }[] },
): Promise<string | null> {
  const files: ImportFile[] = []
  for (const { path, file } of batch) {
    const bytes = file.size > importFileBytesMax ? null : await base64Of(file)
    if (bytes !== null) files.push({ path, bytes })
    else report.refused.push({ path, reason: refusalOf(file) })
  }
  if (files.length === 0) return null
  try {
    const answer = await bridge.call('files/import', { files })
    if (!answer.ok) return answer.error.message
    report.imported += answer.value.imported
    report.unchanged += answer.value.unchanged
    report.refused.push(...answer.value.refused)
    return null
  } catch (error) {
    return inWords(error)
  }
}

function refusalOf(file: Blob): string {
  return file.size > importFileBytesMax ? 'larger than 8 MiB' : 'it could not be read'
}

export function batches(files: readonly ChosenFile[]): readonly (readonly ChosenFile[])[] {
  const all: ChosenFile[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const chosen of files) {
    const last = all.at(-1)
    if (
      last === undefined ||
      bytes + chosen.file.size > importBatchBytes ||
      last.length >= importBatchFiles
    ) {
      all.push([chosen])
      bytes = chosen.file.size
    } else {
      last.push(chosen)
      bytes += chosen.file.size
    }
  }
  return all
}

/** Null: the file is gone, or may not be read. */
async function base64Of(file: Blob): Promise<string | null> {
  try {
    const bytes = new Uint8Array(await file.arrayBuffer())
    let binary = ''
    for (let at = 0; at < bytes.length; at += 0x8000) {
      binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
    }
    return btoa(binary)
  } catch (error) {
    if (error instanceof DOMException) return null
    throw error
  }
}
