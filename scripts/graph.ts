import type { IdentityGraph } from '../src/identity-graph.ts'
import { pastPosition } from './past-position.ts'
import { exit, print, printJson, type Verb } from './verb.ts'
import { wholeNumber } from './whole-number.ts'
import { ask } from './wiring.ts'

/** Shows the evidence of an identity as a graph. */
export const graph: Verb = {
  describe: (command) =>
    command
      .summary('show the identifiers and links of an identity')
      .description(
        'Shows the identity that holds a contact as a graph, now or as of a point of the past: its identifiers, how widely they are shared and which of them it would come apart without, and the links among them, with their evidence. Exits with 1 when there is no such contact, or nobody in its identity is live.'
      )
      .argument('<id>', 'the id of a contact')
      .option('--as-of <point>', 'answer as of this position or ISO 8601 time')
      .option('--json', 'print {"primaryContactId", "nodes": [...], "links": [...]}'),

  async run(io, { json, asOf }, given = '') {
    const id = wholeNumber('id', given, 1)
    const config = io.config()
    const at = await pastPosition(config, asOf)
    const found = await ask(config, (view) => view.graph(id, at))
    if (json) printJson(io, found)
    else print(io, ...told(found))
    return exit.done
  }
}

function told({ primaryContactId, nodes, links }: IdentityGraph): string[] {
  return [
    `identity of contact ${primaryContactId}`,
    'identifiers:',
    ...nodes.map((node) => `  ${nodeInWords(node)}`),
    ...(links.length === 0 ? [] : ['links:', ...links.map((link) => `  ${linkInWords(link)}`)])
  ]
}

function nodeInWords(node: IdentityGraph['nodes'][number]): string {
  const { identifier, sharing, links, articulation, contacts } = node
  return [
    `${identifier}: seen with ${sharing} other${sharing === 1 ? '' : 's'}`,
    ...(contacts.length === 0 ? [] : [`contact ${contacts.join(', ')}`]),
    ...(links ? [] : ['links nobody']),
    ...(articulation ? ['without it the identity would come apart'] : [])
  ].join('; ')
}

function linkInWords(link: IdentityGraph['links'][number]): string {
  const { from, to, state, count, first, latest, asserted } = link
  const seen = count === 1 ? `seen once, at ${first}` : `seen ${count} times, ${first} to ${latest}`
  return [
    `${from} - ${to}: ${state}`,
    ...(count === 0 ? [] : [seen]),
    ...(asserted === null ? [] : [`asserted at ${asserted}`])
  ].join('; ')
}
