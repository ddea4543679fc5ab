/** What rows are written in; `delimiter` parts the cells of CSV and TSV. */
export type Format = {
  readonly name: (typeof formats)[number]
  readonly delimiter: string
}

/** What rows may be written in. */
export const formats = ['csv', 'tsv', 'ndjson'] as const

const usual = { csv: ',', tsv: '\t', ndjson: '' } as const
const delimiters = [',', ';', '\t', '|']

/**
 * What rows are written in: as asked, else by the name of their file, else as their beginning looks.
 * Some programs write CSV with other delimiters, so the first line tells which it has.
 */
export function formatOf(name: string, head: Buffer, asked?: Format['name']): Format {
  const firstLine = head.toString().trimStart().split('\n', 1)[0] ?? ''
  const found = asked ?? namedBy(name) ?? (firstLine.startsWith('{') ? 'ndjson' : undefined)
  if (found === 'ndjson' || found === 'tsv') return { name: found, delimiter: usual[found] }
  const bare = firstLine.replaceAll(/"[^"]*"/g, '')
  const times = (delimiter: string) => bare.split(delimiter).length - 1
  if (found === 'csv' && times(usual.csv) > 0) return { name: 'csv', delimiter: usual.csv }
  const delimiter = delimiters.reduce((most, one) => (times(one) > times(most) ? one : most))
  return { name: found === undefined && delimiter === '\t' ? 'tsv' : 'csv', delimiter }
}

function namedBy(name: string): Format['name'] | undefined {
  const bare = name.toLowerCase().replace(/\.gz$/, '')
  if (/\.csv$/.test(bare)) return 'csv'
  if (/\.(?:tsv|tab)$/.test(bare)) return 'tsv'
  return /\.(?:ndjson|jsonl)$/.test(bare) ? 'ndjson' : undefined
}
