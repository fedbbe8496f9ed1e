import { X } from 'lucide-react'
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { classes, IconButton } from './button.tsx'
import { focusFirst } from './first.ts'
import './dialog.css'

interface DialogProps {
  readonly title: string
  /** Where the dialogue stands and how wide: `top` for what is typed into at once, `side` for what one reads beside the work. */
  readonly place?: 'middle' | 'top' | 'side'
  readonly onClose: () => void
  readonly children: ReactNode
  /** Keeps the title for screen readers only. */
  readonly bare?: boolean
}

/** The browser's own modal dialogue: it traps the focus, closes on Escape and gives the focus back. */
export function Dialog({ title, place = 'middle', onClose, children, bare = false }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const dialog = box.current
    if (dialog === null || dialog.open) return
    const before = document.activeElement
    dialog.showModal()
    focusFirst(dialog)
    return () => {
      dialog.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={box}
      className={classes('dialog', place)}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) onClose()
      }}
    >
      <div className="dialog-inside">
        <header className={bare ? 'unseen' : 'dialog-head'}>
          <h2 id={heading}>{title}</h2>
          {bare ? null : (
            <IconButton label="Close" keys="Esc" onClick={onClose}>
              <X size={17} aria-hidden />
            </IconButton>
          )}
        </header>
        {children}
      </div>
    </dialog>
  )
}

export function DialogActions({ children }: { readonly children: ReactNode }) {
  return <div className="dialog-actions">{children}</div>
}
