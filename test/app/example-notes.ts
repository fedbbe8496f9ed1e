import type { ExportedNote } from '../../src-main/app/export-paths.ts'

export function exampleNote(number: number, parts: Partial<ExportedNote> = {}): ExportedNote {
  const time = `2026-01-01T00:00:${String(number % 60).padStart(2, '0')}.000Z`
  const id = String(number).padStart(32, '0')
  return {
    id,
    title: null,
    body: `# Note ${number}`,
    origin: null,
    createdAt: time,
    updatedAt: time,
    ...parts,
  }
}

export function from(path: string, bom = false): Pick<ExportedNote, 'origin'> {
  return { origin: { path, bom } }
}
