import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { sync } from './sync.ts'

/**
 * Where it is noted that a read model is written without waiting for the disk, and on which running
 * system. What a process wrote outlives the process: the system brings it to the disk in a while.
 * What the system did not come to write is gone when it stops, and nothing in the file tells. So a
 * read model with the note of another start of the system can't be trusted.
 */
const noteOf = (path: string) => `${path}-unsynced`

/**
 * Whether a read model may be written without waiting for the disk from now on: it may once that is
 * noted, and the note is on disk. Not where the note can't be written, or the system doesn't tell one
 * start of it from another.
 */
export function noteUnsynced(path: string): boolean {
  const running = thisStart(path)
  if (running === null) return false
  if (noted(path) === running) return true
  try {
    writeFileSync(noteOf(path), running)
    sync(noteOf(path))
    sync(dirname(path))
    return true
  } catch {
    forgetUnsynced(path)
    return false
  }
}

/** Whether the system stopped before it came to write all that a read model holds. */
export function wasLost(path: string): boolean {
  const found = noted(path)
  return found !== null && found !== thisStart(path)
}

/** Waits until a closed read model is on disk, and takes the note back. */
export function settle(path: string) {
  if (noted(path) === null) return
  // Whoever still reads has kept the write-ahead log in use.
  for (const file of [path, `${path}-wal`]) if (existsSync(file)) sync(file)
  sync(dirname(path))
  forgetUnsynced(path)
}

/** Takes the note back of a read model that is gone. */
export function forgetUnsynced(path: string) {
  rmSync(noteOf(path), { force: true })
}

/** What is noted; an empty note is one that was not yet on disk, so nothing was written after it. */
function noted(path: string): string | null {
  try {
    return readFileSync(noteOf(path), 'utf8') || null
  } catch {
    return null
  }
}

/** This start of the system, and the disk: a copy of a disk has what was on disk and no more. */
function thisStart(path: string): string | null {
  try {
    const start = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${start} ${statSync(dirname(path)).dev}\n`
  } catch {
    return null
  }
}
