import { join } from 'node:path'

interface Look {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where the npm package `electron` lies; null: not installed. */
  readonly packageDir: string | null
  exists(path: string): boolean
  read(path: string): string | null
}

/** The executable that the npm package would start, without asking the package to download it. Null: it is not there. */
export function findElectron({ env, packageDir, exists, read }: Look): string | null {
  if (packageDir === null) return null
  const name = read(join(packageDir, 'path.txt'))?.trim()
  const override = env.ELECTRON_OVERRIDE_DIST_PATH
  if (override !== undefined && override !== '') {
    const executable = join(override, name ?? 'electron')
    return exists(executable) ? executable : null
  }
  if (name === undefined || name === '') return null
  const executable = join(packageDir, 'dist', name)
  return exists(executable) ? executable : null
}
