import type { NoteCommand } from '../../../src-shared/notes/command.ts'

interface Tag {
  readonly noteId: string
  readonly device: string
  readonly name: string
  isAdded: boolean
  /** What its device's outbox held last of it; undefined: nothing yet. */
  kept: boolean | undefined
  isForgiven: boolean
}

/** Tags that one device adds and may take away again: a repeat that is applied late would bring one back. */
export class Tags {
  readonly #tags: Tag[] = []

  add(noteId: string, device: string): string {
    const name = `tag ${this.#tags.length}`
    this.#tags.push({ noteId, device, name, isAdded: true, kept: undefined, isForgiven: false })
    return name
  }

  /** One of the device's own that it shows on this note, to be taken away; null when there is none. */
  remove(noteId: string, device: string, shown: readonly string[]): string | null {
    const own = this.#tags.find(
      (tag) =>
        tag.noteId === noteId &&
        tag.device === device &&
        tag.isAdded &&
        !tag.isForgiven &&
        shown.includes(tag.name),
    )
    if (own === undefined) return null
    own.isAdded = false
    return own.name
  }

  keep(command: NoteCommand): void {
    if (command.kind !== 'note.tags') return
    for (const tag of this.#tags) {
      if (command.add.includes(tag.name)) tag.kept = true
      if (command.remove.includes(tag.name)) tag.kept = false
    }
  }

  crash(device: string): void {
    for (const tag of this.#tags) {
      if (tag.device === device && tag.kept !== tag.isAdded) tag.isForgiven = true
    }
  }

  /** How many are missing, and how many are there although they were taken away. */
  count(tagsOf: (noteId: string) => readonly string[]): { lost: number; duplicated: number } {
    const told = this.#tags.filter((tag) => !tag.isForgiven)
    const isThere = (tag: Tag) => tagsOf(tag.noteId).includes(tag.name)
    return {
      lost: told.filter((tag) => tag.isAdded && !isThere(tag)).length,
      duplicated: told.filter((tag) => !tag.isAdded && isThere(tag)).length,
    }
  }
}
