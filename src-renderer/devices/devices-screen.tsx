import { type ReactNode, useEffect } from 'react'
import type { MemberStatus, Status } from '../../src-shared/ipc/contract.ts'
import { useStore } from '../ui/store.ts'
import { AddDevice } from './add-device.tsx'
import { useDevices, whyNotNow } from './devices-store.ts'
import { MemberCard } from './member-card.tsx'
import { OwnCode } from './own-code.tsx'
import './devices.css'

interface DevicesScreenProps {
  /** Buttons of the layout that stand before the title. */
  readonly before: ReactNode
}

/** Who is in the group, how another device joins it, how this one joins another. */
export function DevicesScreen({ before }: DevicesScreenProps) {
  const devices = useDevices()
  const { status } = useStore(devices)
  useEffect(() => devices.lookAround(), [devices])
  const members = status?.members.filter((member) => !member.removed) ?? []
  const blocked = whyNotNow(status)
  return (
    <>
      <header className="pane-bar devices-bar">
        {before}
        <h2 className="list-title">Devices</h2>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className="devices" tabIndex={0} aria-label="Devices">
        <div className="devices-inside">
          <p className="devices-lead">{leadWords(status, members)}</p>
          {blocked === null || status === null ? null : (
            <p className="devices-why" role="status">
              Adding, renaming and removing must wait. {blocked}
            </p>
          )}
          <ul className="member-cards">
            {members.map((member) => (
              <MemberCard key={member.id} member={member} notes={status?.notes.total ?? 0} />
            ))}
          </ul>
          <AddDevice blocked={blocked} />
          <OwnCode isAlone={members.length <= 1} />
          <Gone status={status} />
        </div>
      </section>
    </>
  )
}

function leadWords(status: Status | null, members: readonly MemberStatus[]): string {
  if (status === null) return 'Finding out how your devices stand…'
  if (members.length <= 1) {
    return 'Every device of yours holds all of your notes, and they find each other in your network. So far there is this one.'
  }
  return 'Each of these holds all of your notes. What you write is safe once more than one of them has it.'
}

function Gone({ status }: { readonly status: Status | null }) {
  const gone = status?.members.filter((member) => member.removed) ?? []
  if (gone.length === 0) return null
  return (
    <section className="devices-part">
      <h3>Removed</h3>
      <ul className="removed-list">
        {gone.map((member) => (
          <li key={member.id}>{member.name}</li>
        ))}
      </ul>
    </section>
  )
}
