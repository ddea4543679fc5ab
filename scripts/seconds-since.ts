/** How long ago a moment of `performance.now()` was, in seconds. */
export function secondsSince(started: number): number {
  return Math.round(performance.now() - started) / 1_000
}
