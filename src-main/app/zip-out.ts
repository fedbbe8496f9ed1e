import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { type ExportedNote, exportPaths } from './export-paths.ts'
import { encodedMarkdown } from './markdown-file.ts'

/** Zip knows no time before this. */
const earliestTime = '1980-01-01T00:00:00.000Z'

/** The notes as a zip of Markdown files. One file at a time is in memory, and only as fast as somebody reads. */
export async function* zipOfNotes(notes: Iterable<ExportedNote>): AsyncGenerator<Uint8Array> {
  const zip = new ZipFile()
  const output = Readable.from(zip.outputStream)
  zip.on('error', (cause: Error) => output.destroy(cause))
  for (const { path, note } of exportPaths(notes)) {
    zip.addReadStreamLazy(path, { mtime: timeOf(note), mode: 0o100644 }, (ready) => {
      ready(null, Readable.from([encodedMarkdown(note.body, note.origin?.bom ?? false)]))
    })
  }
  zip.end()
  yield* output
}

function timeOf({ updatedAt }: ExportedNote): Date {
  const time = Date.parse(updatedAt)
  return new Date(Number.isNaN(time) ? earliestTime : time)
}
