import type { ClusterId, DeviceId } from '../../src-shared/base/ids.ts'

/** What this device is, in the group that it belongs to now. A new one is made at every joining. */
export interface Identity {
  readonly nodeId: DeviceId
  readonly name: string
  readonly clusterId: ClusterId
  /** How often it was started, this time included: durable before anything is said to anybody. */
  readonly bootCounter: number
}
