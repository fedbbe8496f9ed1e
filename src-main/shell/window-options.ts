import type { BrowserWindowConstructorOptions, Rectangle } from 'electron'

/** Where a window was left. */
export interface Placement {
  readonly bounds: Rectangle
  readonly maximised: boolean
}

export const smallest = { width: 400, height: 420 } as const
const usual = { width: 1240, height: 820 } as const

/** Everything that Electron's security list asks of a window (1-12), said once, defaults included, so that a test can hold it. */
export function windowOptions(
  preload: string,
  placement: Placement | null,
  dark: boolean,
): BrowserWindowConstructorOptions {
  return {
    ...usual,
    ...(placement?.bounds ?? {}),
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    title: 'Quire',
    backgroundColor: dark ? '#1b1b1d' : '#fdfdfc',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: true,
    },
  }
}

/** A remembered place that is on none of today's screens would open the window where nobody sees it. */
export function visiblePlacement(
  placement: Placement | null,
  screens: readonly Rectangle[],
): Placement | null {
  if (placement === null) return null
  const { x, y, width, height } = placement.bounds
  const isSeen = screens.some(
    (screen) =>
      x < screen.x + screen.width &&
      x + width > screen.x &&
      y < screen.y + screen.height &&
      y + height > screen.y,
  )
  return isSeen ? placement : null
}

/** Reads what was remembered; null for anything that is not a placement. */
export function parsePlacement(value: unknown): Placement | null {
  if (typeof value !== 'object' || value === null) return null
  const { bounds, maximised } = value as Record<string, unknown>
  if (typeof bounds !== 'object' || bounds === null || typeof maximised !== 'boolean') return null
  const { x, y, width, height } = bounds as Record<string, unknown>
  if (![x, y, width, height].every((side) => Number.isInteger(side))) return null
  const rectangle = { x, y, width, height } as Rectangle
  if (rectangle.width < smallest.width || rectangle.height < smallest.height) return null
  return { bounds: rectangle, maximised }
}
