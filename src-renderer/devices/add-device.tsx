import { MonitorSmartphone, Plus } from 'lucide-react'
import { type SubmitEvent, useState } from 'react'
import type { Nearby } from '../../src-shared/ipc/contract.ts'
import { Button } from '../ui/button.tsx'
import { useStore } from '../ui/store.ts'
import { CodeDialog } from './code-dialog.tsx'
import { useDevices } from './devices-store.ts'

interface Target {
  readonly address: string
  readonly name: string
}

/** "192.168.1.20:4711", "[fe80::1]:4711", "desk.local:4711". */
const addressPattern = /^(\[[0-9a-fA-F:.]+(%[\w.-]+)?\]|[\w.-]+):\d{1,5}$/

/** The new device shows a code; here it is picked, or its address is typed, and then the code. */
export function AddDevice({ blocked }: { readonly blocked: string | null }) {
  const devices = useDevices()
  const { nearby } = useStore(devices)
  const [target, setTarget] = useState<Target | null>(null)
  return (
    <section className="devices-part">
      <h3>Add a device</h3>
      <p>
        Start Quire on the new device and choose <strong>Show a code</strong> there. It appears here
        when both are in one network.
      </p>
      <ul className="nearby" aria-label="Nearby">
        {nearby.map((device) => (
          <NearbyLine
            key={device.ref}
            device={device}
            blocked={blocked}
            onAdd={() => setTarget({ address: device.address, name: device.name })}
          />
        ))}
        {nearby.length === 0 ? (
          <li className="nearby-none">
            <span className="nearby-pulse" aria-hidden="true" /> Looking around in your network…
          </li>
        ) : null}
      </ul>
      <AddressForm
        blocked={blocked}
        onAddress={(address) => setTarget({ address, name: `the device at ${address}` })}
      />
      {target === null ? null : (
        <CodeDialog address={target.address} name={target.name} onClose={() => setTarget(null)} />
      )}
    </section>
  )
}

interface NearbyLineProps {
  readonly device: Nearby
  readonly blocked: string | null
  readonly onAdd: () => void
}

function NearbyLine({ device, blocked, onAdd }: NearbyLineProps) {
  const isWaiting = device.state === 'waiting'
  return (
    <li className="nearby-line">
      <MonitorSmartphone size={18} aria-hidden className="nearby-sign" />
      <span className="nearby-words">
        <span className="nearby-name">{device.name}</span>
        <span className="nearby-state">
          {isWaiting ? `Shows a code · ${device.address}` : 'Shows no code'}
        </span>
      </span>
      <Button
        look={isWaiting ? 'main' : 'plain'}
        blocked={isWaiting ? blocked : 'Choose “Show a code” on that device first.'}
        onClick={onAdd}
      >
        <Plus size={15} aria-hidden /> Add…
      </Button>
    </li>
  )
}

interface AddressFormProps {
  readonly blocked: string | null
  readonly onAddress: (address: string) => void
}

function AddressForm({ blocked, onAddress }: AddressFormProps) {
  const [typed, setTyped] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const open = (event: SubmitEvent): void => {
    event.preventDefault()
    if (blocked !== null) return
    const address = typed.trim()
    if (addressPattern.test(address)) onAddress(address)
    else
      setProblem('An address looks like 192.168.1.20:4711. The new device shows it under its code.')
  }
  return (
    <form className="by-address" onSubmit={open}>
      <label htmlFor="address">Not in the list? Its address:</label>
      <div className="by-address-line">
        <input
          id="address"
          placeholder="192.168.1.20:4711"
          value={typed}
          spellCheck={false}
          autoComplete="off"
          aria-invalid={problem !== null}
          aria-describedby={problem === null ? undefined : 'address-problem'}
          onChange={(event) => {
            setTyped(event.target.value)
            setProblem(null)
          }}
        />
        <Button type="submit" blocked={blocked}>
          Continue
        </Button>
      </div>
      {problem === null ? null : (
        <p id="address-problem" className="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  )
}
