/** One message of a stream: its `id`, and its `data` if it has any. */
export type Block = { readonly id: string | null; readonly data: string | null }

/**
 * Reads Server-Sent Events (WHATWG HTML, section 9.2.6) from pieces of text, however they are cut.
 * `EventSource` can't say who asks, so the console reads them by itself.
 */
export async function* blocksOf(pieces: AsyncIterable<string>): AsyncGenerator<Block> {
  let text = ''
  for await (const piece of pieces) {
    text += piece
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      yield blockIn(text.slice(0, end))
      text = text.slice(end + 2)
    }
  }
}

/** The body of an answer as text, piece by piece. */
export async function* textOf(answer: Response): AsyncGenerator<string> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) return
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel()
  }
}

function blockIn(text: string): Block {
  const fields = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^([^:]+)(?:: ?(.*))?$/.exec(line) ?? []
    if (name !== undefined) fields.set(name, [...(fields.get(name) ?? []), value])
  }
  return { id: fields.get('id')?.at(-1) ?? null, data: fields.get('data')?.join('\n') ?? null }
}
