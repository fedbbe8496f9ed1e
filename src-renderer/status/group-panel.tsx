import { CloudOff, Settings2 } from 'lucide-react'
import type { MemberStatus, Status } from '../../src-shared/ipc/contract.ts'
import { IconButton } from '../ui/button.tsx'
import { Dot } from '../ui/dot.tsx'
import { useStore } from '../ui/store.ts'
import { exactTime, relativeTimeInWords, useNow } from '../ui/time.ts'
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
        {status === null ? null : <Unsent status={status} now={now} />}
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

function Unsent({ status, now }: { readonly status: Status; readonly now: number }) {
  const { pending, oldest } = status.outbox
  const isAlone = status.members.filter((member) => !member.removed).length <= 1
  if (pending === 0 || isAlone) return null
  return (
    <p className="group-unsent" title={oldest === null ? undefined : exactTime(oldest)}>
      {count(pending, 'edit')} only on this device
      {oldest === null ? '' : `, the oldest from ${relativeTimeInWords(oldest, now)}`}
    </p>
  )
}

interface MemberLineProps {
  readonly member: MemberStatus
  readonly total: number
  readonly now: number
  readonly onOpen: () => void
}

function MemberLine({ member, total, now, onOpen }: MemberLineProps) {
  return (
    <li>
      <button type="button" className="member" onClick={onOpen} title="Show details">
        <Dot of={member} />
        <span className="member-name">
          {member.name}
          {member.isSelf ? <span className="member-self"> this device</span> : null}
        </span>
        <span className="member-words">{memberWords(member, total, now)}</span>
      </button>
    </li>
  )
}
