import './dot.css'

interface Stands {
  readonly role: 'voter' | 'learner'
  readonly online: boolean | null
  readonly isSelf: boolean
}

/** A device at a glance: full and awake, hollow and asleep, half while it catches up, dashed when nobody knows. The words stand beside it. */
export function Dot({ of: device }: { readonly of: Stands }) {
  return <span className={`dot ${kindOf(device)}`} aria-hidden="true" />
}

function kindOf({ role, online, isSelf }: Stands): string {
  if (role === 'learner') return 'learning'
  if (isSelf || online === true) return 'awake'
  return online === null ? 'unknown' : 'asleep'
}
