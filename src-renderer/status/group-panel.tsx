import { CloudOff, Settings2 } from 'lucide-react'
import type { MemberStatus, Status } from '../../src-shared/ipc/contract.ts'
import { IconButton } from '../ui/button.tsx'
import { Dot } from '../ui/dot.tsx'
import { useStore } from '../ui/store.ts'
import { relativeTime, useNow } from '../ui/time.ts'
import { count } from '../ui/words.ts'
import { memberWords } from './member-words.ts'
import { useStatusModel } from './status-store.ts'
import './group-panel.css'

interface GroupPanelProps {
  readonly isDevicesShown: boolean
  readonly onDevices: () => void
  readonly onDetails: () => void
}

/** The upper part of the sidebar: the one sentence, what is only here, one line for each device. */
export function GroupPanel({ isDevicesShown, onDevices, onDetails }: GroupPanelProps) {
  const model = useStatusModel()
  const status = useStore(model.status)
  const connection = useStore(model.connection)
  const now = useNow()
  const isLost = connection.kind === 'lost'
  return (
    <section className="group" aria-label="Your devices">
      <div className="group-sentence" role="status" aria-live="polite">
        {isLost ? <CloudOff size={15} aria-hidden className="group-lost" /> : null}
        <p>{sentence(status, isLost)}</p>
      </div>
      <div className="group-head">
        <h2 className="side-heading">Devices</h2>
        <IconButton label="Manage devices" pressed={isDevicesShown} onClick={onDevices}>
          <Settings2 size={15} aria-hidden />
        </IconButton>
      </div>
      <ul className="members">
        {status?.members
          .filter((member) => !member.removed)
          .map((member) => (
            <MemberLine
              key={member.id}
              member={member}
              total={status.notes.total}
              unsent={member.isSelf ? unsentOf(status) : null}
              now={now}
              onOpen={onDetails}
            />
          ))}
      </ul>
    </section>
  )
}

function sentence(status: Status | null, isLost: boolean): string {
  if (isLost) return 'Quire on this machine does not answer. Trying again…'
  return status?.sentence ?? 'Finding out how your devices stand…'
}

/** Alone, everything is only here, and nothing waits for anyone. */
function unsentOf({ outbox, members }: Status): Status['outbox'] | null {
  const isAlone = members.filter((member) => !member.removed).length <= 1
  return outbox.pending === 0 || isAlone ? null : outbox
}

function unsentWords({ pending, oldest }: Status['outbox'], now: number): string {
  const since = oldest === null ? '' : ` · oldest ${relativeTime(oldest, now)}`
  return `${count(pending, 'edit')} only here${since}`
}

interface MemberLineProps {
  readonly member: MemberStatus
  readonly total: number
  /** Edits that only this device has; null on the lines of others. */
  readonly unsent: Status['outbox'] | null
  readonly now: number
  readonly onOpen: () => void
}

function MemberLine({ member, total, unsent, now, onOpen }: MemberLineProps) {
  return (
    <li>
      <button type="button" className="member" onClick={onOpen} title="Show details">
        <Dot of={member} />
        <span className="member-name">
          {member.name}
          {member.isSelf ? <span className="member-self"> this device</span> : null}
        </span>
        {unsent === null ? (
          <span className="member-words">{memberWords(member, total, now)}</span>
        ) : (
          <span className="member-words is-waiting">{unsentWords(unsent, now)}</span>
        )}
      </button>
    </li>
  )
}
