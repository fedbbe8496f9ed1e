import {
  type CallName,
  callNames,
  type EventName,
  eventNames,
} from '../../src-shared/ipc/contract.ts'

/** The window's own scheme: standard and secure, so that the page has an origin, and never a file. */
export const windowScheme = 'quire'
export const windowOrigin = `${windowScheme}://window`

/** Channels that only the desktop shell has, beside one per call and per event of the contract. */
export const exportChannel = 'desktop/export'
export const openLinkChannel = 'desktop/open-link'
export const commandChannel = 'desktop/command'

export function callChannel(name: CallName): string {
  return `call:${name}`
}

export function eventChannel(name: EventName): string {
  return `hear:${name}`
}

export function isCallName(name: unknown): name is CallName {
  return typeof name === 'string' && Object.hasOwn(callNames, name)
}

export function isEventName(name: unknown): name is EventName {
  return typeof name === 'string' && Object.hasOwn(eventNames, name)
}
