/**
 * The beginning of what comes in pieces, as much of it as is `enough` or all there is; and the whole
 * of it, to be read from the start.
 */
export async function peek(
  pieces: AsyncIterable<Buffer>,
  enough: (head: Buffer) => boolean
): Promise<{ readonly head: Buffer; readonly whole: AsyncIterable<Buffer> }> {
  const rest = pieces[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  while (!enough(head)) {
    const next = await rest.next()
    if (next.done) break
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
  }
  return { head, whole: again(head, rest) }
}

async function* again(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}
