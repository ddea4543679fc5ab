import { parseEnd } from '../src/observation.ts'
import { canonicalPhone } from '../src/phone-region.ts'
import { type PublishedWhy, publishWhy } from '../src/published-why.ts'
import { exit, print, printJson, type Verb } from './verb.ts'
import { ask } from './wiring.ts'

/** Tells why two contacts or identifiers are one person. */
export const why: Verb = {
  describe: (command) =>
    command
      .summary('tell why two contacts are one person')
      .description(
        'Tells why two contacts or identifiers are one person: the shortest chain of evidence between them, and what joined them first. Exits with 1 when they are not.'
      )
      .argument('[from]', 'contact:ID, email:ADDRESS or phone:NUMBER')
      .argument('[to]', 'the same')
      .option('--from <end>', 'the same as the first argument')
      .option('--to <end>', 'the same as the second')
      .option('--json', 'print {"connected", "chain", "joinedBy"} and the ends'),

  async run(
    io,
    { json, ...named },
    from = String(named['from'] ?? ''),
    to = String(named['to'] ?? '')
  ) {
    const config = io.config()
    const canonical = canonicalPhone(config.phoneRegion)
    const ends = [parseEnd(from, 'from', canonical), parseEnd(to, 'to', canonical)] as const
    const found = publishWhy(await ask(config, (view) => view.why(...ends)))
    if (json) printJson(io, found)
    else print(io, ...told(found))
    return found.connected ? exit.done : exit.no
  }
}

function told({ connected, from, to, chain, joinedBy }: PublishedWhy): string[] {
  if (!connected) return [`${from} and ${to} are not connected by any evidence.`]
  if (joinedBy === null) return [`Both are ${from}.`]
  const steps = chain.map(({ from, to, evidence: { count, first, latest } }) => {
    const times = count === 1 ? 'once, at' : `${count} times, first at`
    const last = count === 1 ? '' : `, latest at ${latest.position} (${latest.time})`
    return `  ${from} - ${to}: seen together ${times} ${first.position} (${first.time})${last}`
  })
  const how = joinedBy.type === 'ContactsMerged' ? 'by the merge' : 'by the observation'
  return [
    `${from} and ${to} are one person:`,
    ...steps,
    `joined ${how} at ${joinedBy.position} (${joinedBy.time}), caused by observation ${joinedBy.observation}`
  ]
}
