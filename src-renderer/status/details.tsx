import { Check, Copy } from 'lucide-react'
import { Fragment, useState } from 'react'
import type { MemberStatus, Status } from '../../src-shared/ipc/contract.ts'
import { Button } from '../ui/button.tsx'
import { Dialog, DialogActions } from '../ui/dialog.tsx'
import { first } from '../ui/first.ts'
import { useStatus } from './status-store.ts'
import './details.css'

type Row = readonly [label: string, value: string]

interface Section {
  /** Two devices may have one name. */
  readonly key: string
  readonly title: string
  readonly rows: readonly Row[]
}

/** Everything there is to know, in the engineers' own words: complete, live, and to be copied. */
export function Details({ onClose }: { readonly onClose: () => void }) {
  const status = useStatus()
  const [isCopied, setCopied] = useState(false)
  const sections = status === null ? [] : sectionsOf(status)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(asText(sections))
    setCopied(true)
    setTimeout(() => setCopied(false), 2_000)
  }
  return (
    <Dialog title="Details" place="side" onClose={onClose}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className="dialog-body details" tabIndex={0} {...first} aria-label="Details">
        {sections.map(({ key, title, rows }) => (
          <section key={key}>
            <h3>{title}</h3>
            <dl>
              {rows.map(([label, value]) => (
                <Fragment key={label}>
                  <dt>{label}</dt>
                  <dd>{value}</dd>
                </Fragment>
              ))}
            </dl>
          </section>
        ))}
      </section>
      <DialogActions>
        <Button onClick={() => void copy()}>
          {isCopied ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />}
          {isCopied ? 'Copied' : 'Copy all'}
        </Button>
      </DialogActions>
    </Dialog>
  )
}

function sectionsOf(status: Status): readonly Section[] {
  const { device, cluster, outbox, notes } = status
  const leader = status.members.find((member) => member.id === cluster.leaderId)
  const sections: readonly Section[] = [
    {
      key: 'device',
      title: 'This device',
      rows: [
        ['Name', device.name],
        ['Device id', device.id],
        ['Role', device.role],
        ['Version', status.version],
        ['Notes', String(notes.total)],
        [
          'Outbox',
          outbox.oldest === null
            ? `${outbox.pending}`
            : `${outbox.pending}, oldest ${outbox.oldest}`,
        ],
        ['Trouble', status.trouble ?? 'none'],
      ],
    },
    {
      key: 'group',
      title: 'Group',
      rows: [
        ['Cluster id', cluster.id],
        ['Term', String(cluster.term)],
        [
          'Leader',
          cluster.leaderId === null ? 'none known' : `${leader?.name ?? '?'} (${cluster.leaderId})`,
        ],
        ['Commit index', String(cluster.commitIndex)],
        ['Applied index', String(cluster.appliedIndex)],
      ],
    },
    ...status.members.map((member) => ({
      key: member.id,
      title: member.name,
      rows: memberRows(member),
    })),
    { key: 'inside', title: 'Inside', rows: insideRows(status) },
  ]
  return sections.filter((section) => section.rows.length > 0)
}

function insideRows(status: Status): readonly Row[] {
  return status.details.map(({ label, value }): Row => [label, value])
}

function memberRows(member: MemberStatus): readonly Row[] {
  return [
    ['Device id', member.id],
    [
      'Role',
      `${member.role}${member.isLeader ? ', leader' : ''}${member.isSelf ? ', this device' : ''}`,
    ],
    ['Online', member.online === null ? 'unknown' : member.online ? 'yes' : 'no'],
    ['Match index', member.matchIndex === null ? 'unknown' : String(member.matchIndex)],
    ['Notes held', member.holds === null ? 'unknown' : String(member.holds)],
    ['Addresses', member.addresses.length === 0 ? 'none' : member.addresses.join(', ')],
    ['Last heard', member.lastSeen ?? 'never since the start'],
    ...(member.removed ? [['Removed', 'yes'] as const] : []),
  ]
}

function asText(sections: readonly Section[]): string {
  return sections
    .map(({ title, rows }) =>
      [title, ...rows.map(([label, value]) => `  ${label}: ${value}`)].join('\n'),
    )
    .join('\n\n')
}
