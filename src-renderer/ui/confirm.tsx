import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { Dialog, DialogActions } from './dialog.tsx'
import { first } from './first.ts'

interface ConfirmProps {
  readonly title: string
  readonly children: ReactNode
  /** The act by its name, never "OK". */
  readonly act: string
  readonly destroys?: boolean
  readonly blocked?: string | null
  readonly onConfirm: () => void
  readonly onClose: () => void
}

/** Asks once. What destroys something has the focus on the way back, not on the deed. */
export function Confirm(props: ConfirmProps) {
  const { title, children, act, destroys = false, blocked = null, onConfirm, onClose } = props
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="dialog-body">{children}</div>
      <DialogActions>
        <Button {...(destroys ? first : {})} onClick={onClose}>
          Cancel
        </Button>
        <Button
          {...(destroys ? {} : first)}
          look={destroys ? 'danger' : 'main'}
          blocked={blocked}
          onClick={onConfirm}
        >
          {act}
        </Button>
      </DialogActions>
    </Dialog>
  )
}
