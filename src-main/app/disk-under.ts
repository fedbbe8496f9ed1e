import type { Disk } from '../journal/disk.ts'

/** The same disk, one directory down: a membership does not know where in the data directory it lives. */
export function diskUnder(disk: Disk, dir: string): Disk {
  const under = (name: string): string => (name === '' || name === '.' ? dir : `${dir}/${name}`)
  return {
    read: (name, from, to) => disk.read(under(name), from, to),
    write: (name, at, bytes) => disk.write(under(name), at, bytes),
    sync: (name) => disk.sync(under(name)),
    rename: (from, to) => disk.rename(under(from), under(to)),
    truncate: (name, size) => disk.truncate(under(name), size),
    remove: (name) => disk.remove(under(name)),
    list: (name) => disk.list(under(name)),
    makeDir: (name) => disk.makeDir(under(name)),
    syncDir: (name) => disk.syncDir(under(name)),
  }
}
