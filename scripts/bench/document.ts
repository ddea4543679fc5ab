import type { Figure } from './figure.ts'
import type { Machine } from './machine.ts'

type Occasion = Machine & { readonly date: string }

/** The figures as a document that says how they came about. */
export function asMarkdown(
  figures: readonly Figure[],
  occasion: Occasion,
  command: string
): string {
  const { date, cpu, cores, memory, system, node, sqlite } = occasion
  const rounds = Math.max(...figures.map(({ rounds }) => rounds.ours.length))
  return `# Benchmarks

Written by \`${command}\` on ${date}; don't edit it by hand. Run it again for the figures of another
machine; \`npm run bench -- --help\` says how to run one of them alone.

${cpu}, ${cores} cores, ${memory}, ${system}; Node ${node}, SQLite ${sqlite}.

Whatever loads a server runs on the same cores as the server. Every figure stands beside its yardstick,
which was measured in the same run, in alternating rounds (up to ${rounds}); what is compared are medians. A server
that is measured under load was loaded before, and what a ledger is said to hold, it held then. Servers are up
for all rounds; those of express and growth for one each, on a copy of its own, loaded before by what adds no contacts
(from 1,000,000 contacts on by the same mix, of which that is a small part).

${asTable(figures)}
`
}

/** The figures as a table in Markdown. */
export function asTable(figures: readonly Figure[]): string {
  const head = ['', 'what', 'ledger', 'rounds', 'ours', 'yardstick', 'compared', 'goal', 'reached']
  const rows = figures.map((figure) => [
    figure.bench,
    figure.what,
    figure.ledger,
    String(figure.rounds.ours.length),
    `${told(figure.ours)} ${figure.unit}`,
    yardstickOf(figure),
    comparedOf(figure),
    goalOf(figure),
    figure.reached === null ? '' : figure.reached ? 'yes' : 'no'
  ])
  const widths = head.map((title, nth) =>
    Math.max(3, title.length, ...rows.map((row) => row[nth]?.length ?? 0))
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, nth) => cell.padEnd(widths[nth] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

function yardstickOf({ yardstick, unit }: Figure): string {
  return yardstick === null ? '' : `${yardstick.what}: ${told(yardstick.median)} ${unit}`
}

function comparedOf({ by, compared, unit }: Figure): string {
  switch (by) {
    case 'ratio':
      return `${compared.toFixed(2)} times`
    case 'difference':
      return `${compared > 0 ? '+' : ''}${told(compared)} ${unit}`
    case 'median':
      return ''
  }
}

function goalOf({ goal, by, unit }: Figure): string {
  if (goal === null) return ''
  const at = { least: 'at least', most: 'at most', under: 'under' }[goal.at]
  return `${at} ${told(goal.value)}${by === 'ratio' ? ' times' : ` ${unit}`}`
}

/** A number with as many digits as say something. */
function told(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}
