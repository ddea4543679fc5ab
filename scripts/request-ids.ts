import { randomBytes } from 'node:crypto'

/** Ids that no other process gave, and none is given twice: a random start, and a count. */
export function requestIds(): () => string {
  const start = randomBytes(6).toString('base64url')
  let given = 0
  return () => `${start}.${(++given).toString(36)}`
}
