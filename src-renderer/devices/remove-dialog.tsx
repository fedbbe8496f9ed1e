import { useEffect, useState } from 'react'
import type { Consequences, MemberStatus } from '../../src-shared/ipc/contract.ts'
import { Button } from '../ui/button.tsx'
import { Dialog, DialogActions } from '../ui/dialog.tsx'
import { first } from '../ui/first.ts'
import { useDevices } from './devices-store.ts'

interface RemoveDialogProps {
  readonly member: MemberStatus
  readonly blocked: string | null
  readonly onClose: () => void
}

/** Says what it will mean before it can be done. */
export function RemoveDialog({ member, blocked, onClose }: RemoveDialogProps) {
  const devices = useDevices()
  const [consequences, setConsequences] = useState<Consequences | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  useEffect(() => {
    let isCurrent = true
    void devices.consequences(member.id).then((answer) => {
      if (isCurrent) setConsequences(answer)
    })
    return () => {
      isCurrent = false
    }
  }, [devices, member.id])
  const remove = async (): Promise<void> => {
    setBusy(true)
    const refused = await devices.remove(member.id)
    setBusy(false)
    if (refused === null) onClose()
    else setProblem(refused)
  }
  const act = member.isSelf ? 'Leave' : 'Remove'
  return (
    <Dialog title={member.isSelf ? 'Leave the group?' : `Remove ${member.name}?`} onClose={onClose}>
      <div className="dialog-body" role="status" aria-live="polite">
        {consequences === null ? <p>Looking at what that would mean…</p> : null}
        <ul className="consequences">
          {consequences?.lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        {problem === null ? null : <p className="problem">{problem}</p>}
      </div>
      <DialogActions>
        <Button {...first} onClick={onClose}>
          Cancel
        </Button>
        <Button
          look="danger"
          blocked={blocked ?? whyNot(consequences, isBusy)}
          onClick={() => void remove()}
        >
          {isBusy ? `${act}…` : act}
        </Button>
      </DialogActions>
    </Dialog>
  )
}

function whyNot(consequences: Consequences | null, isBusy: boolean): string | null {
  if (isBusy) return 'Waiting for your other devices.'
  if (consequences === null) return 'One moment.'
  return consequences.allowed ? null : (consequences.lines.at(-1) ?? 'This cannot be done now.')
}
