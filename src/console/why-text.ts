import type { PublishedWhy } from '../published-why.ts'
import { listed, type Words } from './words.ts'

type Step = PublishedWhy['chain'][number] &
  Partial<Pick<NonNullable<PublishedWhy['but']>[number], 'hindrances'>>

/** The way that a proof leads, step by step: the chain, or the one that is hindered. */
export function stepsOf({ chain, but }: PublishedWhy): readonly Step[] {
  return chain.length > 0 ? chain : (but ?? [])
}

/** The identifiers along a way. */
export function pathOf(steps: readonly Step[]): string[] {
  const [first] = steps
  return first === undefined ? [] : [first.from, ...steps.map(({ to }) => to)]
}

/** What a step rests on, and what hinders it. */
export function stepText({ from, to, evidence, asserted, hindrances = [] }: Step): Words {
  const { count, first, latest } = evidence
  const at = (moment: { position: number; time: string }): Words => [
    ` at ${moment.position} (`,
    { time: moment.time },
    ')'
  ]
  const seen: Words =
    count === 0
      ? []
      : count === 1
        ? ['seen together once,', ...at(first)]
        : [`seen together ${count} times, first`, ...at(first), ', last', ...at(latest)]
  const said: Words = asserted === null ? [] : ['asserted', ...at(asserted)]
  const both: Words =
    seen.length > 0 && said.length > 0 ? [...seen, '; ', ...said] : [...seen, ...said]
  return [
    { identifier: from },
    ' and ',
    { identifier: to },
    ': ',
    ...both,
    ...hindrances.flatMap(hindered)
  ]
}

type Hindrance = NonNullable<Step['hindrances']>[number]

function hindered({ type, on, decision }: Hindrance): Words {
  const { actor, reason, position } = decision
  const what: Words =
    type === 'forbidden'
      ? ['the link is forbidden']
      : [...listed(on.map((identifier) => ({ identifier }))), ` is ${type}`]
  return ['. But ', ...what, `, by ${actor} at ${position}: “${reason}”`]
}

/** What first joined two ends, and how firmly they hold together; one paragraph each. */
export function verdictText(why: PublishedWhy): Words[] {
  const { connected, joinedBy, strength, parted, but, unsearched } = why
  const told: Words[] = []
  if (joinedBy !== null) {
    const { type, position, time, observation } = joinedBy
    told.push([`Joined by ${type} at ${position} (`, { time }, `), caused by ${observation}.`])
  }
  if (strength !== null) {
    const { independentChains: chains, weakPoints } = strength
    const weak = listed(weakPoints.map((identifier) => ({ identifier })))
    told.push(
      chains === 1
        ? [
            'One chain connects them',
            ...(weak.length === 0
              ? ['.']
              : ['; without any of these they would part: ', ...weak, '.'])
          ]
        : [`${chains} chains connect them that share nothing but their ends.`]
    )
  }
  if (parted !== null) {
    const { type, position, time, actor, reason } = parted
    const by = actor === null ? '' : ` by ${actor}: “${reason}”`
    told.push([
      'They were one person until they were parted ',
      `by ${type} at ${position} (`,
      { time },
      `)${by}.`
    ])
  }
  if (!connected) {
    const hidden = but !== null
    const unknown = unsearched.includes('but')
    told.push([
      hidden
        ? 'This chain would connect them, but for what hinders it:'
        : unknown
          ? 'Too much would have to be searched to tell what keeps them apart.'
          : 'No chain of evidence leads from one to the other.'
    ])
  }
  const notSearched = unsearched.filter((part) => part !== 'but')
  if (notSearched.length > 0) {
    told.push([`Not searched, because the identity is too large: ${notSearched.join(', ')}.`])
  }
  return told
}

/** The links along which two ends came together, in the order in which they came about. */
export function joiningTexts({ how }: PublishedWhy): Words[] {
  return (how ?? []).map(({ from, to, since, merge }) => [
    { identifier: from },
    ' and ',
    { identifier: to },
    `, by ${since.type} at ${since.position} (`,
    { time: since.time },
    merge === null ? ')' : `), merging at ${merge}`
  ])
}
