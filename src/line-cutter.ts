/** A line without its end, by its number from 1 on; null where it was longer than allowed. */
export type Line = { readonly number: number; readonly bytes: Buffer | null }

/** Cuts what comes in pieces into lines. */
export type LineCutter = {
  /** The line that comes next. */
  readonly next: number
  /** The lines that end in a piece. */
  cut(piece: Buffer): Line[]
  /** What follows the last line feed, if anything does. */
  end(): Line[]
}

const lineFeed = 10

/**
 * Cuts bytes into lines, each of which ends with a line feed; the last one need not. Of one longer
 * than `longest` bytes nothing is kept but its number.
 */
export function lineCutter(longest: number): LineCutter {
  let next = 1
  let begun: Buffer[] = []
  let length = 0

  const keep = (part: Buffer) => {
    length += part.length
    if (length > longest) begun = []
    else begun.push(part)
  }

  const ended = (): Line => {
    const bytes = length > longest ? null : begun.length === 1 ? begun[0] : Buffer.concat(begun)
    begun = []
    length = 0
    return { number: next++, bytes: bytes ?? null }
  }

  return {
    get next() {
      return next
    },

    cut(piece) {
      const lines: Line[] = []
      let from = 0
      for (let to = piece.indexOf(lineFeed); to !== -1; to = piece.indexOf(lineFeed, from)) {
        keep(piece.subarray(from, to))
        lines.push(ended())
        from = to + 1
      }
      if (from < piece.length) keep(piece.subarray(from))
      return lines
    },

    end: () => (length > 0 ? [ended()] : [])
  }
}
