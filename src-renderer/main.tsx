import { createRoot } from 'react-dom/client'
import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/source-serif-4/wght.css'
import '@fontsource-variable/source-serif-4/wght-italic.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import './styles/tokens.css'
import './styles/base.css'
import { App } from './app/app.tsx'
import { createLooks } from './app/appearance.ts'
import { createLayout } from './app/layout-store.ts'
import { openBridge } from './bridge.ts'
import { createDevices } from './devices/devices-store.ts'
import { createNotes } from './notes/notes.ts'
import { createStatus } from './status/status-store.ts'
import { createNotices } from './ui/announce.ts'

const bridge = openBridge()
const notes = createNotes(bridge, createNotices(), nonceOfPage())

// A page that is closed takes with it what could not be handed over; the desktop app hands over at once.
addEventListener('beforeunload', (event) => {
  const isCut = bridge.shell === 'browser' && bridge.connection.get().kind !== 'open'
  if (isCut && notes.sessions.unsent.get() > 0) event.preventDefault()
})

const place = document.getElementById('page')
if (place !== null) {
  createRoot(place).render(
    <App
      models={{
        bridge,
        notes,
        devices: createDevices(bridge),
        status: createStatus(bridge),
        layout: createLayout(),
        looks: createLooks(),
      }}
    />,
  )
}

/** The server gives each page a nonce of its own; the browser hides it from everything but this property. */
function nonceOfPage(): string {
  return document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? ''
}
