import { Presets, SingleBar } from 'cli-progress'
import type { Watch } from '../projections/rebuild.ts'
import type { Io } from './verb.ts'

/** How a job that has something to say is watched. */
export type NotedWatch = Omit<Watch, 'progress'> & {
  progress?(done: number, total: number, note?: string): void
}

/**
 * Runs a job with a progress bar on the error stream, if that is a terminal; without one, silently.
 */
export async function withProgress<T>(
  io: Io,
  title: string,
  job: (watch: NotedWatch) => Promise<T>,
  unit = 'events'
): Promise<T> {
  if (io.err.isTTY !== true) return job({})
  const bar = new SingleBar(
    {
      stream: io.err,
      format: `${title} {bar} {percentage}% | {value}/{total} ${unit} | {note}{eta_formatted} left`,
      hideCursor: true,
      clearOnComplete: true
    },
    Presets.shades_classic
  )
  let started = false
  try {
    return await job({
      progress(done, total, note) {
        const said = { note: note === undefined ? '' : `${note} | ` }
        bar.setTotal(total)
        if (started) bar.update(done, said)
        else bar.start(total, done, said)
        started = true
      }
    })
  } finally {
    if (started) bar.stop()
  }
}
