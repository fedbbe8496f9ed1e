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

const looks = createLooks()
const bridge = openBridge()
const notes = createNotes(bridge, createNotices(), nonceOfPage())

// A page that is closed takes with it what could not be handed over; the desktop app hands over at once.
addEventListener('beforeunload', (event) => {
  const isCut = bridge.shell === 'browser' && bridge.connection.get().kind !== 'open'
  if (isCut && notes.sessions.unsent.get() > 0) event.preventDefault()
})

/** How long the first picture waits for its faces, in ms: they lie on this machine, and text that jumps is worse. */
const facesMsMax = 400

const place = document.getElementById('page')
if (place !== null) {
  await facesLoaded()
  createRoot(place).render(
    <App
      models={{
        bridge,
        notes,
        devices: createDevices(bridge),
        status: createStatus(bridge),
        layout: createLayout(),
        looks,
      }}
    />,
  )
}

/** The editor measures its text once; so the faces of the text and of the chrome are there before it is drawn. */
async function facesLoaded(): Promise<void> {
  const { face } = looks.get()
  const text = {
    serif: 'Source Serif 4 Variable',
    sans: 'Inter Variable',
    mono: 'JetBrains Mono Variable',
  }[face]
  const loading = [
    `400 16px "${text}"`,
    `650 16px "${text}"`,
    '400 13px "Inter Variable"',
    '400 13px "JetBrains Mono Variable"',
  ]
  await Promise.race([
    Promise.allSettled(loading.map((font) => document.fonts.load(font))),
    new Promise((resolve) => setTimeout(resolve, facesMsMax)),
  ])
}

/** The server gives each page a nonce of its own; the browser hides it from everything but this property. */
function nonceOfPage(): string {
  return document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? ''
}
