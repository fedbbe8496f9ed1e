import { useState } from 'react'
import type { PairingState } from '../../src-shared/ipc/contract.ts'
import { Button } from '../ui/button.tsx'
import { useStore } from '../ui/store.ts'
import { useSeconds } from '../ui/time.ts'
import { useDevices } from './devices-store.ts'

/** The other way round: this device is the new one, and shows the code that is typed on a device of the group. */
export function OwnCode({ isAlone }: { readonly isAlone: boolean }) {
  const devices = useDevices()
  const { pairing } = useStore(devices)
  const [problem, setProblem] = useState<string | null>(null)
  const open = async (): Promise<void> => setProblem(await devices.openPairing())
  const isOpen = pairing?.state === 'waiting' || pairing?.state === 'joining'
  // In a group, there is nothing to join; one leaves it first.
  if (!isAlone && !isOpen && pairing?.state !== 'joined') return null
  return (
    <section className="devices-part">
      <h3>Join this device to another</h3>
      {isOpen ? (
        <Shown pairing={pairing} onClose={() => void devices.closePairing()} />
      ) : (
        <>
          <p>
            If your notes live on another device already, show a code here and type it there, under
            Devices. Notes that are on this one can come along.
          </p>
          <Last pairing={pairing} />
          {isAlone ? <Button onClick={() => void open()}>Show a code</Button> : null}
        </>
      )}
      {problem === null ? null : (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  )
}

function Last({ pairing }: { readonly pairing: PairingState | null }) {
  const words = pairing === null ? null : (pairing.detail ?? endings[pairing.state])
  if (words === null) return null
  return (
    <p className="pairing-last" role="status">
      {words}
    </p>
  )
}

const endings: Readonly<Record<PairingState['state'], string | null>> = {
  closed: null,
  waiting: null,
  joining: null,
  joined: 'This device has joined.',
  burnt: 'The code was typed wrongly three times and is used up. Show a new one.',
  expired: 'The code’s two minutes are over. Show a new one.',
  failed: 'Joining did not work. Nothing was changed; show a new code and try again.',
}

interface ShownProps {
  readonly pairing: PairingState
  readonly onClose: () => void
}

function Shown({ pairing, onClose }: ShownProps) {
  const now = useSeconds()
  const code = pairing.code ?? ''
  const left = Math.max(0, Math.floor((Date.parse(pairing.expiresAt ?? '') - now) / 1000))
  const isJoining = pairing.state === 'joining'
  return (
    <div className="own-code">
      <p className="own-code-digits">
        <span aria-hidden="true">
          {code.slice(0, 3)} {code.slice(3)}
        </span>
        <span className="unseen">Code: {[...code].join(' ')}</span>
      </p>
      <p role="status">
        {isJoining
          ? (pairing.detail ?? 'The code is right. Fetching your notes…')
          : 'Type this on a device that has your notes.'}
      </p>
      {isJoining ? <progress className="catching-up" aria-label="Joining" /> : null}
      <p className="own-code-more">
        {isJoining || Number.isNaN(left) ? null : <span>{minutes(left)} left · </span>}
        {pairing.address === null ? null : <span>address {pairing.address}</span>}
      </p>
      {isJoining ? null : (
        <Button look="quiet" onClick={onClose}>
          Stop showing it
        </Button>
      )}
    </div>
  )
}

function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
