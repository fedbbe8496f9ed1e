import { first } from '../ui/first.ts'

export const codeLength = 6

interface CodeFieldProps {
  readonly value: string
  readonly isBusy: boolean
  readonly onChange: (code: string) => void
}

/** One field for six digits, drawn as six places: it can be pasted into, and is one thing to a screen reader. */
export function CodeField({ value, isBusy, onChange }: CodeFieldProps) {
  return (
    <input
      className="code-field"
      aria-label="Code of the new device"
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="[0-9]*"
      placeholder="••••••"
      value={value}
      readOnly={isBusy}
      {...first}
      onChange={(event) => onChange(digitsOf(event.target.value))}
    />
  )
}

/** People copy codes with spaces and dashes. */
export function digitsOf(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/[^0-9]/g, '')
    .slice(0, codeLength)
}
