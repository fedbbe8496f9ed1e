import {
  fdatasync,
  close as fsClose,
  open as fsOpen,
  read as fsRead,
  write as fsWrite,
  ftruncate,
} from 'node:fs'

// The callback interface: a FileHandle costs a second promise and a lock per call, which a small
// write followed by a datasync feels.

export function open(path: string, flags: number, mode: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fsOpen(path, flags, mode, (error, fd) => (error === null ? resolve(fd) : reject(error)))
  })
}

export function close(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fsClose(fd, (error) => (error ? reject(error) : resolve()))
  })
}

export function read(fd: number, into: Uint8Array, offset: number, from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fsRead(fd, into, offset, into.length - offset, from, (error, count) => {
      if (error === null) resolve(count)
      else reject(error)
    })
  })
}

export function write(fd: number, bytes: Uint8Array, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fsWrite(fd, bytes, 0, bytes.length, at, (error, count) => {
      if (error === null) resolve(count)
      else reject(error)
    })
  })
}

export function datasync(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => (error === null ? resolve() : reject(error)))
  })
}

export function truncate(fd: number, size: number): Promise<void> {
  return new Promise((resolve, reject) => {
    ftruncate(fd, size, (error) => (error === null ? resolve() : reject(error)))
  })
}
