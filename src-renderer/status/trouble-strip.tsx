import { CircleAlert } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { type Readable, useStore } from '../ui/store.ts'
import { useStatusModel } from './status-store.ts'
import './trouble-strip.css'

interface TroubleStripProps {
  /** Steps typed in this window that the main process has not taken. */
  readonly unsent: Readable<number>
}

/**
 * What is wrong, what is kept, what to do: over the foot of the window, so that nothing moves when it comes or goes.
 * Never a dialogue, for one can go on writing.
 */
export function TroubleStrip({ unsent }: TroubleStripProps) {
  const model = useStatusModel()
  const status = useStore(model.status)
  const connection = useStore(model.connection)
  const waiting = useStore(unsent)
  const isLost = connection.kind === 'lost'
  const words = isLost ? lostWords(waiting) : (status?.trouble ?? null)
  return (
    <div className="trouble-place" role="status" aria-live="polite">
      {words === null ? null : (
        <div className="trouble">
          <CircleAlert size={17} aria-hidden />
          <p>{words}</p>
          {isLost ? <Button onClick={() => model.retryNow()}>Try now</Button> : null}
        </div>
      )}
    </div>
  )
}

function lostWords(waiting: number): string {
  const kept =
    waiting === 0
      ? 'Everything you wrote was handed over.'
      : 'What you wrote since is kept in this window and sent when it is back; leave the window open.'
  return `The connection to Quire on this machine was lost. ${kept}`
}
