/** Writes that are left for later turns of the event loop. */
export type Later = {
  /** Whether any is left. */
  any(): boolean
  leave(write: () => void): void
  /** Does the first that is left. */
  doOne(): void
  doAll(): void
  /** Forgets those that are left, of a transaction that was rolled back. */
  forget(): void
}

export function later(): Later {
  let left: (() => void)[] = []
  const doOne = () => left.shift()?.()
  return {
    any: () => left.length > 0,
    leave: (write) => void left.push(write),
    doOne,
    doAll() {
      while (left.length > 0) doOne()
    },
    forget() {
      left = []
    }
  }
}
