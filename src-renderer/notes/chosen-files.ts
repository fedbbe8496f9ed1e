import type { ChosenFile } from './imports.ts'

/**
 * What a person chose or dropped, as paths inside of it. One folder: paths start below it, so that exporting gives its
 * contents back; several things: each keeps its name. Hidden files and folders (`.git`, `.obsidian`) are left out.
 */
export function fromInput(list: FileList): readonly ChosenFile[] {
  const files = [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }))
  return withoutHidden(belowCommonFolder(files))
}

export async function fromDrop(items: DataTransferItemList): Promise<readonly ChosenFile[]> {
  // Entries must be taken before the first await: the list is emptied when the event is over.
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  const files = (await Promise.all(entries.map((entry) => filesIn(entry, '')))).flat()
  const isOneFolder = entries.length === 1 && entries[0]?.isDirectory === true
  return withoutHidden(isOneFolder ? belowCommonFolder(files) : files)
}

async function filesIn(entry: FileSystemEntry, folder: string): Promise<ChosenFile[]> {
  const path = `${folder}${entry.name}`
  if (isHidden(path)) return []
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => {
      ;(entry as FileSystemFileEntry).file(resolve, reject)
    })
    return [{ path, file }]
  }
  const inside: ChosenFile[] = []
  for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) {
    inside.push(...(await filesIn(child, `${path}/`)))
  }
  return inside
}

/** A reader gives at most a hundred at a time, and none when it is done. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject)
    })
    if (some.length === 0) return all
    all.push(...some)
  }
}

export function belowCommonFolder(files: readonly ChosenFile[]): readonly ChosenFile[] {
  const folder = /^[^/]+\//.exec(files[0]?.path ?? '')?.[0]
  if (folder === undefined || !files.every(({ path }) => path.startsWith(folder))) return files
  return files.map(({ path, file }) => ({ path: path.slice(folder.length), file }))
}

export function withoutHidden(files: readonly ChosenFile[]): readonly ChosenFile[] {
  return files.filter(({ path }) => !isHidden(path))
}

function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.'))
}
