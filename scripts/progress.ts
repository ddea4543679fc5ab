import { Presets, SingleBar } from 'cli-progress'
import type { Watch } from '../projections/rebuild.ts'
import type { Io } from './verb.ts'

/**
 * Runs a job with a progress bar on the error stream, if that is a terminal; without one, silently.
 */
export async function withProgress<T>(
  io: Io,
  title: string,
  job: (watch: Watch) => Promise<T>
): Promise<T> {
  if (io.err.isTTY !== true) return job({})
  const bar = new SingleBar(
    {
      stream: io.err,
      format: `${title} {bar} {percentage}% | {value}/{total} events | {eta_formatted} left`,
      hideCursor: true,
      clearOnComplete: true
    },
    Presets.shades_classic
  )
  let started = false
  try {
    return await job({
      progress(done, total) {
        bar.setTotal(total)
        if (started) bar.update(done)
        else bar.start(total, done)
        started = true
      }
    })
  } finally {
    if (started) bar.stop()
  }
}
