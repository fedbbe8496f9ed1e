import { useEffect, useState } from 'react'
import type { Durability, NoteSummary } from '../../src-shared/ipc/contract.ts'
import { classes } from '../ui/button.tsx'
import './badge.css'

/** How long an edit may be on this device alone before the badge says for how long, in ms. */
export const longWaitMs = 10 * 60_000

export function durabilityWords(durability: Durability): string {
  switch (durability.state) {
    case 'saved':
      return 'Saved here'
    case 'safe':
      return durability.holders === null
        ? 'Safe'
        : `Safe (${durability.holders} of ${durability.members})`
    case 'all':
      return `On all ${durability.members} devices`
  }
}

/** The whole truth in a sentence or two. */
export function durabilitySentence(durability: Durability): string {
  const { state, holders, members } = durability
  if (state === 'all') return 'Every device of yours has the last change on its disk.'
  if (state === 'safe') {
    const some = holders === null ? 'At least two' : `${holders}`
    return `${some} of your ${members} devices have the last change on disk. The rest will have it when they wake.`
  }
  if (members === 1) {
    return 'The last change is on this device’s disk. Add a second device, and it will be kept there too.'
  }
  return 'The last change is on this device’s disk. The others will have it as soon as enough of them are awake.'
}

export function isWaitingLong(note: NoteSummary, now: number): boolean {
  const { state, members } = note.durability
  return state === 'saved' && members > 1 && now - Date.parse(note.updatedAt) > longWaitMs
}

/** How long a better state must last before it is shown, in ms. */
export const settledMs = 700

/**
 * The badge never claims more than is true, and does not flicker with every key: what is worse shows at once, what is
 * better when it has stayed so for a moment.
 */
function useSettled({ durability, updatedAt }: NoteSummary): Durability {
  const [shown, setShown] = useState(durability)
  const isBetter = standing(durability) > standing(shown)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each further edit begins the moment anew.
  useEffect(() => {
    if (!isBetter) return setShown(durability)
    const timer = setTimeout(() => setShown(durability), settledMs)
    return () => clearTimeout(timer)
  }, [durability, isBetter, updatedAt])
  return isBetter ? shown : durability
}

function standing({ state, holders }: Durability): number {
  return { saved: 0, safe: 1_000, all: 1_000_000 }[state] + (holders ?? 0)
}

export function Badge({ note, now }: { readonly note: NoteSummary; readonly now: number }) {
  const durability = useSettled(note)
  const waits = isWaitingLong(note, now)
  return (
    <span className={classes('badge', durability.state, waits && 'waits')}>
      <Shape durability={durability} waits={waits} />
      <span>{durabilityWords(durability)}</span>
    </span>
  )
}

/** Each state has a shape of its own: an empty ring, a clock, a pie of those who hold it, a full disc with a tick. */
function Shape({
  durability,
  waits,
}: {
  readonly durability: Durability
  readonly waits: boolean
}) {
  return (
    <svg width="13" height="13" viewBox="0 0 14 14" aria-hidden="true">
      {durability.state === 'all' ? (
        <>
          <circle cx="7" cy="7" r="6.25" className="badge-fill" />
          <path d="M4.2 7.2 6.2 9.1 9.8 5.1" className="badge-tick" />
        </>
      ) : (
        <>
          <circle cx="7" cy="7" r="5.75" className="badge-ring" />
          {durability.state === 'safe' ? (
            <path d={slice(durability)} className="badge-fill" />
          ) : null}
          {waits ? <path d="M7 4v3.2l2 1.3" className="badge-hands" /> : null}
        </>
      )}
    </svg>
  )
}

/** The share of the devices that hold it, clockwise from the top. */
function slice({ holders, members }: Durability): string {
  const share = Math.min(0.96, (holders ?? 2) / Math.max(members, 1))
  const angle = share * 2 * Math.PI
  const x = 7 + 4 * Math.sin(angle)
  const y = 7 - 4 * Math.cos(angle)
  return `M7 7V3A4 4 0 ${share > 0.5 ? 1 : 0} 1 ${x.toFixed(2)} ${y.toFixed(2)}Z`
}
