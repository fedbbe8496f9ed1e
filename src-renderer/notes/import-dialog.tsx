import { Button } from '../ui/button.tsx'
import { Dialog, DialogActions } from '../ui/dialog.tsx'
import { first } from '../ui/first.ts'
import { useStore } from '../ui/store.ts'
import { count } from '../ui/words.ts'
import type { ImportState } from './imports.ts'
import { useNotes } from './notes.ts'

export function ImportDialog() {
  const { imports } = useNotes()
  const state = useStore(imports)
  switch (state.kind) {
    case 'idle':
      return null
    case 'running':
      return (
        <Dialog title="Importing" onClose={() => imports.cancel()}>
          <div className="dialog-body" role="status" aria-live="polite">
            <p>
              {state.done.toLocaleString('en')} of {count(state.total, 'file')}
            </p>
            <progress
              className="import-bar"
              aria-label="Import"
              value={state.done}
              max={Math.max(1, state.total)}
            />
          </div>
          <DialogActions>
            <Button onClick={() => imports.cancel()}>Stop</Button>
          </DialogActions>
        </Dialog>
      )
    case 'done':
      return <Report state={state} onClose={() => imports.close()} />
  }
}

type Done = Extract<ImportState, { kind: 'done' }>

function Report({ state, onClose }: { readonly state: Done; readonly onClose: () => void }) {
  const { report, stopped } = state
  const isNothing = report.imported + report.unchanged + report.refused.length === 0
  return (
    <Dialog title={stopped === null ? 'Imported' : 'The import stopped'} onClose={onClose}>
      <div className="dialog-body" role="status">
        {stopped === null ? null : <p>{stopped}</p>}
        {isNothing && stopped === null ? <p>There was no file in it.</p> : null}
        <dl className="import-counts">
          <Row
            number={report.imported}
            words={report.imported === 1 ? 'note is new' : 'notes are new'}
          />
          <Row number={report.unchanged} words="were here already, the same" />
          <Row number={report.refused.length} words="could not be taken" />
        </dl>
        {report.refused.length === 0 ? null : (
          <ul className="import-refused" aria-label="Could not be taken">
            {report.refused.map(({ path, reason }) => (
              <li key={path}>
                <code>{path}</code> <span>{reason}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      <DialogActions>
        <Button look="main" {...first} onClick={onClose}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  )
}

function Row({ number, words }: { readonly number: number; readonly words: string }) {
  if (number === 0) return null
  return (
    <>
      <dt>{number.toLocaleString('en')}</dt>
      <dd>{words}</dd>
    </>
  )
}
