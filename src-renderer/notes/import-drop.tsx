import { useEffect, useRef, useState } from 'react'
import { fromDrop, fromInput } from './chosen-files.ts'
import { useNotes } from './notes.ts'

/** How a command opens the system's own dialogue for files or for a folder. */
export interface ImportDoor {
  files(): void
  folder(): void
}

/** The whole window takes files and folders; so do two inputs that no one sees, for those who would rather choose. */
export function ImportDrop({ door }: { readonly door: { current: ImportDoor | null } }) {
  const { imports } = useNotes()
  const [isOver, setOver] = useState(false)
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  useEffect(() => {
    door.current = {
      files: () => files.current?.click(),
      folder: () => folder.current?.click(),
    }
    return () => {
      door.current = null
    }
  }, [door])
  useEffect(
    () => listenForDrops(setOver, (items) => void fromDrop(items).then(imports.take)),
    [imports],
  )
  const take = (input: HTMLInputElement): void => {
    if (input.files !== null) void imports.take(fromInput(input.files))
    input.value = ''
  }
  const choice = {
    type: 'file',
    hidden: true,
    multiple: true,
    onChange: (event: { currentTarget: HTMLInputElement }) => take(event.currentTarget),
  } as const
  return (
    <>
      <input ref={files} {...choice} aria-label="Files to import" accept=".md,.markdown,.txt" />
      <input
        ref={(input) => {
          folder.current = input
          if (input !== null) input.webkitdirectory = true
        }}
        {...choice}
        aria-label="Folder to import"
      />
      {isOver ? <div className="drop-here">Drop to import as notes</div> : null}
    </>
  )
}

function listenForDrops(
  setOver: (isOver: boolean) => void,
  take: (items: DataTransferItemList) => void,
): () => void {
  const over = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes('Files') !== true) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'copy'
    setOver(true)
  }
  const leave = (event: DragEvent): void => {
    if (event.relatedTarget === null) setOver(false)
  }
  // Before the editor sees it: it would paste the files' text into the open note.
  const drop = (event: DragEvent): void => {
    setOver(false)
    if (event.dataTransfer?.types.includes('Files') !== true) return
    event.preventDefault()
    event.stopPropagation()
    take(event.dataTransfer.items)
  }
  window.addEventListener('dragover', over)
  window.addEventListener('dragleave', leave)
  window.addEventListener('drop', drop, { capture: true })
  return () => {
    window.removeEventListener('dragover', over)
    window.removeEventListener('dragleave', leave)
    window.removeEventListener('drop', drop, { capture: true })
  }
}
