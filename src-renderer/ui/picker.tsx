import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { Dialog } from './dialog.tsx'
import { first } from './first.ts'
import './picker.css'

export interface Choice {
  readonly key: string
  readonly label: ReactNode
  readonly aside?: ReactNode
  /** Why it cannot be chosen now. */
  readonly blocked?: string | null
}

interface PickerProps {
  readonly title: string
  readonly placeholder: string
  readonly choices: (typed: string) => readonly Choice[]
  readonly nothing: (typed: string) => string
  readonly onChoose: (key: string, typed: string) => void
  readonly onClose: () => void
}

/** One field, one list, the arrow keys: what the switcher and the palette are made of. */
export function Picker({ title, placeholder, choices, nothing, onChoose, onClose }: PickerProps) {
  const [typed, setTyped] = useState('')
  const [active, setActive] = useState(0)
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const shown = choices(typed)
  const at = Math.min(active, Math.max(0, shown.length - 1))
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' })
  }, [at])

  const choose = (choice: Choice | undefined): void => {
    if (choice === undefined || (choice.blocked ?? null) !== null) return
    // The dialogue gives the focus back before what was chosen takes it, and all within this key.
    flushSync(onClose)
    onChoose(choice.key, typed)
  }
  const keys = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return
    const step = steps[event.key]
    if (step !== undefined) {
      event.preventDefault()
      setActive(wrap(at + step, shown.length))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      choose(shown[at])
    }
  }
  return (
    <Dialog title={title} place="top" bare onClose={onClose}>
      <input
        className="picker-field"
        role="combobox"
        aria-label={title}
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={shown.length === 0 ? undefined : `${id}-${at}`}
        placeholder={placeholder}
        value={typed}
        spellCheck={false}
        {...first}
        onChange={(event) => {
          setTyped(event.target.value)
          setActive(0)
        }}
        onKeyDown={keys}
      />
      <div className="picker-list" role="listbox" id={`${id}-list`} aria-label={title} ref={list}>
        {shown.map((choice, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys, as a combobox does.
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field; aria-activedescendant points here.
          <div
            key={choice.key}
            role="option"
            id={`${id}-${index}`}
            aria-selected={index === at}
            aria-disabled={(choice.blocked ?? null) !== null}
            className="picker-choice"
            title={choice.blocked ?? undefined}
            onMouseMove={() => setActive(index)}
            onClick={() => choose(choice)}
          >
            <span className="picker-label">{choice.label}</span>
            {choice.aside === undefined ? null : (
              <span className="picker-aside">{choice.aside}</span>
            )}
          </div>
        ))}
      </div>
      {shown.length === 0 ? <p className="picker-nothing">{nothing(typed)}</p> : null}
    </Dialog>
  )
}

const steps: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 8,
  PageUp: -8,
}

function wrap(index: number, length: number): number {
  if (length === 0) return 0
  return ((index % length) + length) % length
}
