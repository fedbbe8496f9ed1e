import { CircleCheck } from 'lucide-react'
import { type SubmitEvent, useState } from 'react'
import type { DeviceId } from '../../src-shared/base/ids.ts'
import { Button } from '../ui/button.tsx'
import { Dialog, DialogActions } from '../ui/dialog.tsx'
import { first } from '../ui/first.ts'
import { useStore } from '../ui/store.ts'
import { count } from '../ui/words.ts'
import { CodeField, codeLength } from './code-field.tsx'
import { useDevices } from './devices-store.ts'

interface CodeDialogProps {
  readonly address: string
  readonly name: string
  readonly onClose: () => void
}

type Step =
  | { readonly kind: 'code'; readonly problem: string | null }
  | { readonly kind: 'asking'; readonly bring: boolean }
  | { readonly kind: 'has-notes' }
  | { readonly kind: 'added'; readonly id: DeviceId }

/** The way of one new device: its code, perhaps its notes, catching up, done. */
export function CodeDialog({ address, name, onClose }: CodeDialogProps) {
  const devices = useDevices()
  const [code, setCode] = useState('')
  const [step, setStep] = useState<Step>({ kind: 'code', problem: null })
  const add = async (bring: boolean): Promise<void> => {
    setStep({ kind: 'asking', bring })
    const added = await devices.add(address, code, bring)
    if (added.kind === 'refused') {
      setCode('')
      setStep({ kind: 'code', problem: added.message })
    } else {
      setStep(added)
    }
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (code.length === codeLength) void add(false)
  }
  if (step.kind === 'added') return <Arriving id={step.id} onClose={onClose} />
  if (step.kind === 'has-notes') {
    return (
      <Dialog title="It has notes of its own" onClose={onClose}>
        <div className="dialog-body">
          <p>
            There are notes on {name} already. Bring them along, and all of your devices will have
            them too. Nothing is lost either way: without that, nothing is added.
          </p>
        </div>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" {...first} onClick={() => void add(true)}>
            Bring them along
          </Button>
        </DialogActions>
      </Dialog>
    )
  }
  const isAsking = step.kind === 'asking'
  return (
    <Dialog title={`Add ${name}`} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body">
          <p>Type the six digits that it shows.</p>
          <CodeField value={code} isBusy={isAsking} onChange={setCode} />
          <p className="code-problem" role="status" aria-live="polite">
            {isAsking ? 'Asking it…' : (step.problem ?? '')}
          </p>
        </div>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="main"
            blocked={
              code.length < codeLength ? 'Six digits, please.' : isAsking ? 'One moment.' : null
            }
          >
            Add
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}

/** It is a member; it counts once it holds everything, by itself. The dialogue can be closed meanwhile. */
function Arriving({ id, onClose }: { readonly id: DeviceId; readonly onClose: () => void }) {
  const { status } = useStore(useDevices())
  const member = status?.members.find((candidate) => candidate.id === id)
  const total = status?.notes.total ?? 0
  const holds = member?.holds ?? 0
  const isDone = member?.role === 'voter'
  const name = member?.name ?? 'The new device'
  return (
    <Dialog title={isDone ? `${name} is in` : `${name} is catching up`} onClose={onClose}>
      <div className="dialog-body" role="status" aria-live="polite">
        {isDone ? (
          <p className="arrived">
            <CircleCheck size={18} aria-hidden /> It holds all of your notes, and what you write is
            kept there too from now on.
          </p>
        ) : (
          <>
            <p>
              {holds.toLocaleString('en')} of {count(total, 'note')}. You can go on writing.
            </p>
            <progress
              className="catching-up"
              aria-label="Catching up"
              value={holds}
              max={Math.max(1, total)}
            />
          </>
        )}
      </div>
      <DialogActions>
        <Button look={isDone ? 'main' : 'plain'} {...first} onClick={onClose}>
          {isDone ? 'Done' : 'Close'}
        </Button>
      </DialogActions>
    </Dialog>
  )
}
