import { LedgerError } from '../src/domain/errors.ts'
import { parseEnd } from '../src/observation.ts'
import { canonicalPhone } from '../src/phone-region.ts'
import { type PublishedWhy, publishWhy } from '../src/published-why.ts'
import { pastPosition } from './past-position.ts'
import { exit, type Options, print, printJson, type Verb } from './verb.ts'
import { ask } from './wiring.ts'

/** Tells why two contacts or identifiers are one person, or why they are not. */
export const why: Verb = {
  describe: (command) =>
    command
      .summary('tell why two contacts are one person')
      .description(
        'Tells why two contacts or identifiers are one person: the shortest chain of evidence between them, what joined them and how, and how firmly they hang together. Or why they are not: what parted them, or what keeps a chain from connecting them. Exits with 1 when they are not.'
      )
      .argument('[from]', 'contact:ID, email:ADDRESS or phone:NUMBER')
      .argument('[to]', 'contact:ID, email:ADDRESS or phone:NUMBER')
      .option('--from <end>', 'the same as the first argument')
      .option('--to <end>', 'the same as the second argument')
      .option('--as-of <point>', 'answer as of this position or ISO 8601 time')
      .option('--json', 'print {"connected", "chain", "joinedBy", ...} and the ends'),

  async run(io, { json, asOf, from, to }, first, second) {
    const config = io.config()
    const canonical = canonicalPhone(config.phoneRegion)
    const ends = [
      parseEnd(givenOnce(first, from), 'from', canonical),
      parseEnd(givenOnce(second, to), 'to', canonical)
    ] as const
    const at = await pastPosition(config, asOf)
    const found = publishWhy(await ask(config, (view) => view.why(...ends, at)))
    if (json) printJson(io, found)
    else print(io, ...told(found))
    return found.connected ? exit.done : exit.no
  }
}

/** An end that is given as an argument or by its option. */
function givenOnce(argument: string | undefined, option: Options[string]): string {
  if (argument === undefined || option === undefined) return String(argument ?? option ?? '')
  throw new LedgerError(
    'invalid',
    'Each end must be given once: as an argument, or by --from and --to.'
  )
}

function told(why: PublishedWhy): string[] {
  return why.connected ? connected(why) : unconnected(why)
}

function connected({ from, to, chain, joinedBy, how, strength }: PublishedWhy): string[] {
  if (joinedBy === null) return [`Both are ${from}.`]
  const joined =
    joinedBy.type === 'ContactsMerged'
      ? `joined by the merge at ${joinedBy.position} (${joinedBy.time}), caused by ${joinedBy.observation}`
      : `joined by the ${joinedBy.type} at ${joinedBy.position} (${joinedBy.time})`
  const order = (how ?? []).map(
    ({ from, to, since, merge }) =>
      `  ${since.position} (${since.time}) ${from} - ${to}, by ${since.type}${merge === null ? '' : `, merging at ${merge}`}`
  )
  return [
    `${from} and ${to} are one person:`,
    ...chain.map((step) => `  ${evidenceOf(step)}`),
    joined,
    ...(order.length > 1 ? ['in this order:', ...order] : []),
    ...(strength === null ? [] : [firmness(strength)])
  ]
}

function firmness({
  independentChains: chains,
  weakPoints
}: NonNullable<PublishedWhy['strength']>): string {
  if (chains > 1) return `${chains} independent chains connect them; no single value parts them.`
  if (weakPoints.length === 0) return 'One chain connects them, with no value between them.'
  return `One chain connects them; without any of these they would part: ${weakPoints.join(', ')}`
}

function unconnected({ from, to, parted, but, unsearched }: PublishedWhy): string[] {
  if (unsearched.length > 0 && parted === null && but === null) {
    return [`${from} and ${to} are not connected; there is too much to search to tell why.`]
  }
  if (parted === null && but === null) {
    return [`${from} and ${to} are not connected, and never were by any evidence.`]
  }
  const because = parted?.actor ? ` by ${parted.actor}: ${parted.reason}` : ''
  const parting =
    parted === null
      ? []
      : [`parted by the ${parted.type} at ${parted.position} (${parted.time})${because}`]
  const steps = (but ?? []).flatMap((step) => [
    `  ${evidenceOf(step)}`,
    ...step.hindrances.map(
      ({ type, on, decision }) =>
        `    but ${on.join(' - ')} ${type === 'over-shared' ? 'is over the sharing limit set' : `is ${type},`} by ${decision.actor} at ${decision.position}: ${decision.reason}`
    )
  ])
  return [
    `${from} and ${to} are not connected${parted === null ? '' : ' any more'}.`,
    ...parting,
    ...(but === null
      ? []
      : ['This chain would connect them if nothing stood in its way:', ...steps])
  ]
}

function evidenceOf({ from, to, evidence, asserted }: PublishedWhy['chain'][number]): string {
  const { count, first, latest } = evidence
  const said = asserted === null ? '' : `asserted at ${asserted.position} (${asserted.time})`
  if (count === 0) return `${from} - ${to}: ${said}`
  const times = count === 1 ? 'once, at' : `${count} times, first at`
  const last = count === 1 ? '' : `, latest at ${latest.position} (${latest.time})`
  const seen = `seen together ${times} ${first.position} (${first.time})${last}`
  return `${from} - ${to}: ${seen}${said === '' ? '' : `; ${said}`}`
}
