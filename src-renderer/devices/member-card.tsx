import { Crown, LogOut, Pencil, Trash2 } from 'lucide-react'
import { type SubmitEvent, useState } from 'react'
import type { MemberStatus } from '../../src-shared/ipc/contract.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Dot } from '../ui/dot.tsx'
import { useStore } from '../ui/store.ts'
import { relativeTimeInWords, useNow } from '../ui/time.ts'
import { count } from '../ui/words.ts'
import { useDevices, whyNotNow } from './devices-store.ts'
import { RemoveDialog } from './remove-dialog.tsx'

interface MemberCardProps {
  readonly member: MemberStatus
  /** How many notes there are. */
  readonly notes: number
}

export function MemberCard({ member, notes }: MemberCardProps) {
  const devices = useDevices()
  const { status } = useStore(devices)
  const now = useNow()
  const [state, setState] = useState<'calm' | 'renaming' | 'removing'>('calm')
  const [problem, setProblem] = useState<string | null>(null)
  const blocked = whyNotNow(status)
  const lead = async (): Promise<void> => setProblem(await devices.lead(member.id))
  return (
    <li className="member-card">
      <Dot of={member} />
      <div className="member-card-words">
        {state === 'renaming' ? (
          <RenameField
            name={member.name}
            onDone={async (name) => {
              setState('calm')
              if (name !== null) setProblem(await devices.rename(member.id, name))
            }}
          />
        ) : (
          <p className="member-card-name">
            {member.name}
            {member.isSelf ? <span> this device</span> : null}
            {member.isLeader ? <span className="leads">leads</span> : null}
          </p>
        )}
        <p className="member-card-state">{stateWords(member, notes, now)}</p>
        {member.role === 'learner' && member.holds !== null ? (
          <progress
            className="catching-up"
            aria-label={`${member.name} is catching up`}
            value={member.holds}
            max={Math.max(1, notes)}
          />
        ) : null}
        {problem === null ? null : (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
      </div>
      <div className="member-card-acts" hidden={state === 'renaming'}>
        {member.isLeader ? null : (
          <IconButton
            label={`Let ${member.name} lead`}
            blocked={blocked ?? whyNotLead(member)}
            onClick={() => void lead()}
          >
            <Crown size={16} aria-hidden />
          </IconButton>
        )}
        <IconButton
          label={`Rename ${member.name}`}
          blocked={blocked}
          onClick={() => setState('renaming')}
        >
          <Pencil size={16} aria-hidden />
        </IconButton>
        <IconButton
          label={member.isSelf ? 'Leave the group…' : `Remove ${member.name}…`}
          onClick={() => setState('removing')}
        >
          {member.isSelf ? <LogOut size={16} aria-hidden /> : <Trash2 size={16} aria-hidden />}
        </IconButton>
      </div>
      {state === 'removing' ? (
        <RemoveDialog member={member} blocked={blocked} onClose={() => setState('calm')} />
      ) : null}
    </li>
  )
}

function whyNotLead(member: MemberStatus): string | null {
  if (member.role === 'learner') return 'It is still catching up.'
  if (member.online === false) return 'It is asleep.'
  return member.online === null && !member.isSelf
    ? 'Whether it is awake is not known right now.'
    : null
}

function stateWords(member: MemberStatus, notes: number, now: number): string {
  const held =
    member.holds === null || notes === 0
      ? ''
      : `${member.holds.toLocaleString('en')} of ${count(notes, 'note')}`
  if (member.role === 'learner') {
    return held === '' ? 'Catching up' : `Catching up: ${held}. It counts once it has them all.`
  }
  if (member.isSelf || member.online === true) return held === '' ? 'Awake' : `Awake, holds ${held}`
  const heldThen = held === '' ? '' : `, held ${held} then`
  if (member.online === null) return 'Whether it is awake is not known right now'
  if (member.lastSeen === null) return 'Asleep'
  return `Asleep, last heard ${relativeTimeInWords(member.lastSeen, now)}${heldThen}`
}

const deviceNameUnitsMax = 64

interface RenameFieldProps {
  readonly name: string
  /** Null: as it was. */
  readonly onDone: (name: string | null) => void
}

function RenameField({ name, onDone }: RenameFieldProps) {
  const [typed, setTyped] = useState(name)
  const keep = (event: SubmitEvent): void => {
    event.preventDefault()
    const wanted = typed.trim()
    onDone(wanted === '' || wanted === name ? null : wanted)
  }
  return (
    <form className="rename" onSubmit={keep}>
      <input
        aria-label={`New name of ${name}`}
        value={typed}
        maxLength={deviceNameUnitsMax}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked for this field.
        autoFocus
        onFocus={(event) => event.target.select()}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && onDone(null)}
      />
      <Button type="submit" look="main">
        Rename
      </Button>
      <Button onClick={() => onDone(null)}>Cancel</Button>
    </form>
  )
}
