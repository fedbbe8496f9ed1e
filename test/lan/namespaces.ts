import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * A little network of its own: a switch and some machines, each a network namespace, so that no packet leaves them. The
 * names carry our process id; what a killed run left behind is removed by the next one.
 */
export interface Lan {
  /** 10.77.0.N is machine N, from 1. */
  readonly machines: number
  /** Runs a TypeScript file on a machine, as a process of its own. */
  run(machine: number, file: string, args: readonly string[]): ChildProcess
  /** `ip` on a machine. */
  ip(machine: number, ...args: readonly string[]): void
  remove(): void
}

const prefix = 'quire-lan-'
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Null: this process may make namespaces. Else why not, in one line. */
export function whyNoNamespaces(): string | null {
  const probe = `${prefix}${process.pid}-probe`
  try {
    ip('netns', 'add', probe)
    ip('netns', 'exec', probe, 'true')
    ip('netns', 'del', probe)
    return null
  } catch {
    return 'network namespaces cannot be made here (it takes root with CAP_NET_ADMIN, and iproute2)'
  }
}

export function makeLan(machines: number): Lan {
  removeLeftovers()
  const name = (part: string | number) => `${prefix}${process.pid}-${part}`
  const remove = () => {
    for (const each of namespaces()) if (each.startsWith(name(''))) ip('netns', 'del', each)
  }
  process.once('exit', remove)
  const hub = name('switch')
  ip('netns', 'add', hub)
  ip('-n', hub, 'link', 'add', 'hub', 'type', 'bridge', 'mcast_snooping', '0')
  ip('-n', hub, 'link', 'set', 'hub', 'up')
  for (let at = 1; at <= machines; at++) {
    const machine = name(at)
    ip('netns', 'add', machine)
    ip('-n', hub, 'link', 'add', `v${at}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', machine)
    ip('-n', hub, 'link', 'set', `v${at}`, 'master', 'hub', 'up')
    ip('-n', machine, 'link', 'set', 'lo', 'up')
    ip('-n', machine, 'addr', 'add', `10.77.0.${at}/24`, 'dev', 'eth0')
    ip('-n', machine, 'link', 'set', 'eth0', 'up')
    ip('-n', machine, 'route', 'add', '224.0.0.0/4', 'dev', 'eth0')
  }
  return {
    machines,
    run: (machine, file, args) => {
      const command = ['netns', 'exec', name(machine), process.execPath, '--import', 'tsx', file]
      return spawn('ip', [...command, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    },
    ip: (machine, ...args) => ip('-n', name(machine), ...args),
    remove: () => {
      process.off('exit', remove)
      remove()
    },
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

function namespaces(): readonly string[] {
  try {
    return readdirSync('/run/netns')
  } catch {
    return []
  }
}

/** Of runs whose process is gone. */
function removeLeftovers(): void {
  for (const each of namespaces()) {
    const pid = Number(/^quire-lan-([0-9]+)-/.exec(each)?.[1])
    if (pid > 0 && !isRunning(pid)) ip('netns', 'del', each)
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
