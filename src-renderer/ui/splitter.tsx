import type { KeyboardEvent, PointerEvent } from 'react'
import './splitter.css'

interface SplitterProps {
  readonly label: string
  readonly width: number
  readonly min: number
  readonly max: number
  readonly onResize: (width: number) => void
  readonly onReset: () => void
}

const step = 16

/** The line between two panes: drawn with the pointer, moved with the arrow keys, put back by a double click. */
export function Splitter({ label, width, min, max, onResize, onReset }: SplitterProps) {
  const grab = (event: PointerEvent<HTMLDivElement>): void => {
    const line = event.currentTarget
    const offset = event.clientX - width
    line.setPointerCapture(event.pointerId)
    line.onpointermove = (move) => onResize(move.clientX - offset)
    line.onlostpointercapture = () => {
      line.onpointermove = null
    }
  }
  const keys = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowLeft' ? -step : event.key === 'ArrowRight' ? step : 0
    if (by === 0) return
    event.preventDefault()
    onResize(width + by)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that can be moved is a widget; <hr> is not.
    <div
      className="splitter"
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      onPointerDown={grab}
      onKeyDown={keys}
      onDoubleClick={onReset}
    />
  )
}
