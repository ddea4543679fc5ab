import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { sync } from './sync.ts'

/**
 * A read model is written with `synchronous=OFF`. What a process wrote outlives the process in the
 * page cache, but not a power failure or a crash of the system, and nothing in the file tells that
 * some of it is gone. So a note stands beside it as long as it may be ahead of its disk: the boot in
 * which it is written, and the device. One with the note of another boot or device is built anew.
 */
const noteOf = (path: string) => `${path}-unsynced`

/**
 * Whether a read model may be written without fsyncs from now on: it may once that is noted, and the
 * note is on disk. Not where the note can't be written, or the system doesn't tell its boots apart.
 */
export function noteUnsynced(path: string): boolean {
  const current = thisBoot(path)
  if (current === null) return false
  const before = noted(path)
  try {
    // A process may have been killed between writing its note and waiting for the disk.
    if (before !== current) writeFileSync(noteOf(path), current)
    sync(noteOf(path))
    sync(dirname(path))
    return true
  } catch {
    if (before === null) forgetUnsynced(path)
    return false
  }
}

/** Whether a read model may lack what was not on disk yet when the system stopped. */
export function mayLack(path: string): boolean {
  const found = noted(path)
  return found !== null && found !== thisBoot(path)
}

/** Whether what a killed process left to the page cache came to be on disk by now. */
export function syncLeft(path: string): boolean {
  return noted(path) === null || syncAll(path)
}

/**
 * Waits until a read model that was closed is on disk, and takes the note back. One that the disk
 * refuses is given up: the page cache keeps none of what was refused.
 */
export function settleOnDisk(path: string) {
  if (noted(path) === null) return
  try {
    if (!syncAll(path)) rmSync(path, { force: true })
    forgetUnsynced(path)
  } catch {
    // A note that stays, in a folder that nobody may write any more, is looked at by the next start.
  }
}

/** Takes the note back of a read model that is on disk, or gone. */
export function forgetUnsynced(path: string) {
  if (!existsSync(noteOf(path))) return
  sync(dirname(path))
  rmSync(noteOf(path), { force: true, recursive: true })
}

/** Whether all of a read model came to be on disk. */
function syncAll(path: string): boolean {
  try {
    // Whoever reads it keeps its write-ahead log in use.
    for (const file of [path, `${path}-wal`]) if (existsSync(file)) sync(file)
    return true
  } catch {
    return false
  }
}

/**
 * What is noted. An empty note was never waited for, so nothing was written after it; one that can't
 * be read is that of nobody knows which boot.
 */
function noted(path: string): string | null {
  if (!existsSync(noteOf(path))) return null
  try {
    return readFileSync(noteOf(path), 'utf8') || null
  } catch {
    return 'unreadable'
  }
}

/** This boot, and the device: a volume that is restored from a snapshot has what was on disk then. */
function thisBoot(path: string): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${statSync(dirname(path)).dev}\n`
  } catch {
    return null
  }
}
