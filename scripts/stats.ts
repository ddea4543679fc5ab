import type { Stats } from '../src/stats.ts'
import { exit, print, printJson, type Verb } from './verb.ts'
import { ask } from './wiring.ts'

/** How many days are told to people; programs are told more. */
const mostDays = 10

/** Tells what the ledger holds, in numbers. */
export const stats: Verb = {
  describe: (command) =>
    command
      .summary('show what the ledger holds, in numbers')
      .description(
        'Shows how many events, contacts and identities there are, how large the identities are, the most widely shared values, and the merges and splits of each day (in UTC). Safe beside a running server; its latest events may be missing.'
      )
      .option(
        '--json',
        'print {"events", "contacts", "identities", "byType", "sizes", "largest", "mostShared", "days"}'
      ),

  async run(io, { json }) {
    const found = await ask(io.config(), (view) => view.stats())
    if (json) printJson(io, found)
    else print(io, ...told(found))
    return exit.done
  }
}

function told({ events, contacts, identities, ...found }: Stats): string[] {
  return [
    ...aligned(Object.entries({ events, contacts, identities })),
    ...section(
      'events by type',
      Object.entries(found.byType).filter(([, events]) => events > 0)
    ),
    ...section(
      'identities by number of contacts',
      found.sizes.map(({ from, to, identities }) => [
        from === to ? `${to}` : `${from} to ${to}`,
        identities
      ])
    ),
    ...section(
      'largest identities, in contacts',
      found.largest.map((one) => [`contact:${one.primaryContactId}`, one.contacts])
    ),
    ...section(
      'identifiers shared with the most others',
      found.mostShared.map(({ identifier, sharing }) => [identifier, sharing])
    ),
    ...section(
      'merges and splits by day',
      found.days.slice(0, mostDays).map(({ day, merges, splits }) => [day, merges, splits])
    )
  ]
}

type Line = readonly [name: string, ...numbers: number[]]

/** Lines under a title; nothing where there are none. */
function section(title: string, lines: readonly Line[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...aligned(lines).map((line) => `  ${line}`)]
}

/** Names to the left, numbers to the right. */
function aligned(lines: readonly Line[]): string[] {
  const widths = [0, 1, 2].map((column) =>
    Math.max(...lines.map((line) => String(line[column] ?? '').length))
  )
  return lines.map(([name, ...numbers]) =>
    [
      name.padEnd(widths[0] ?? 0),
      ...numbers.map((number, nth) => String(number).padStart(widths[nth + 1] ?? 0))
    ].join('  ')
  )
}
