import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import './button.css'

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: 'plain' | 'quiet' | 'main' | 'danger'
  /** Why it cannot be pressed now. It stays focusable, so that the reason can be read by everyone. */
  readonly blocked?: string | null
  readonly children: ReactNode
  readonly ref?: Ref<HTMLButtonElement>
}

export function Button({ look = 'plain', blocked = null, className, ...rest }: ButtonProps) {
  return <button {...pressable(blocked, rest)} className={classes('button', look, className)} />
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** Said by a screen reader and shown on hover. */
  readonly label: string
  readonly keys?: string | null
  readonly blocked?: string | null
  readonly pressed?: boolean
  readonly children: ReactNode
  readonly ref?: Ref<HTMLButtonElement>
}

export function IconButton(props: IconButtonProps) {
  const { label, keys = null, blocked = null, pressed, className, ...rest } = props
  return (
    <button
      {...pressable(blocked, rest)}
      aria-label={label}
      aria-pressed={pressed}
      title={blocked ?? (keys === null ? label : `${label}  ${keys}`)}
      className={classes('icon-button', undefined, className)}
    />
  )
}

type Native = ButtonHTMLAttributes<HTMLButtonElement>

function pressable(blocked: string | null, rest: Native): Native {
  if (blocked === null) return { type: 'button', ...rest }
  return { type: 'button', title: blocked, ...rest, 'aria-disabled': true, onClick: undefined }
}

export function classes(...names: readonly (string | undefined | false)[]): string {
  return names.filter((name) => typeof name === 'string' && name !== '').join(' ')
}
