import { type SubmitEvent, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { useStatusModel } from './status-store.ts'
import './locked.css'

/** The page was opened without its key, or with one of an earlier start. */
export function Locked() {
  const model = useStatusModel()
  const [pasted, setPasted] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const open = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!model.unlock(pasted))
      setProblem('There is no token in that. It is the part after “#token=”.')
  }
  return (
    <main className="locked">
      <form className="locked-box" onSubmit={open}>
        <h1>This page needs its address again</h1>
        <p>
          Quire runs on this machine, but the address that opened this page is not, or no longer,
          the right one. Each start of Quire prints a new one. Paste it here; what you wrote in this
          window stays.
        </p>
        <input
          className="locked-field"
          aria-label="Address that Quire printed"
          aria-invalid={problem !== null}
          aria-describedby={problem === null ? undefined : 'locked-problem'}
          placeholder="http://127.0.0.1:…/#token=…"
          value={pasted}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => {
            setPasted(event.target.value)
            setProblem(null)
          }}
        />
        {problem === null ? null : (
          <p id="locked-problem" className="locked-problem" role="alert">
            {problem}
          </p>
        )}
        <Button type="submit" look="main">
          Open
        </Button>
      </form>
    </main>
  )
}
