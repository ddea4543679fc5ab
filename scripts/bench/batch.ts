import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Bench } from './bench.ts'
import { mixedLoad } from './clients.ts'
import { figureOf, type Series } from './figure.ts'
import { type Body, mix } from './mix.ts'
import { inTurns, type Load, onCopy } from './served.ts'

/** How many batches are under way beside many connections, and how many lines are written at once. */
const streams = 2
const portion = 500

/** What the answer of a line that was refused has. */
const problem = '"problem":'

/** What each line is answered by. */
type Answer = 'identity' | 'receipt'

/** `POST /identify/batch` beside single requests, of many clients and of one. */
export const batch: Bench = {
  summary: 'POST /identify/batch beside single requests, over many connections and over one',

  async run(workshop) {
    const { sizes } = workshop
    const contacts = sizes.contacts ?? (sizes.quick ? 10_000 : 100_000)
    const single = (connections: number) => mixedLoad(contacts, connections, sizes.client ?? 'node')
    const on = (load: Load<{ perSecond: number }>) => onCopy(workshop, { contacts }, load)
    const rounds = await inTurns(workshop, {
      single: on(single(sizes.connections)),
      identity: on(batches(contacts, 'identity', streams)),
      receipt: on(batches(contacts, 'receipt', streams)),
      alone: on(single(1)),
      identityAlone: on(batches(contacts, 'identity', 1))
    })
    const series = (what: string, of: keyof typeof rounds): Series => {
      return { what, rounds: rounds[of].map(({ perSecond }) => perSecond) }
    }
    const figure = (ours: Series, yardstick: Series) =>
      figureOf({
        bench: 'batch',
        what: `POST /identify/batch, ${ours.what}`,
        unit: 'lines/s',
        ledger: `${contacts.toLocaleString('en')} contacts`,
        ours: ours.rounds,
        yardstick,
        goal: { at: 'least', value: 5 }
      })
    const many = series(`single requests, ${sizes.connections} connections`, 'single')
    const alone = series('single requests, one after another', 'alone')
    const each = (answer: Answer) => `each line answered by its ${answer}`
    return [
      figure(series(`${streams} at once, ${each('identity')}`, 'identity'), many),
      figure(series(`${streams} at once, ${each('receipt')}`, 'receipt'), many),
      figure(series(`one at a time, ${each('identity')}`, 'identityAlone'), alone)
    ]
  }
}

/** Streams the mix in batches for some seconds. Throws when a line is refused. */
function batches(contacts: number, answer: Answer, atOnce: number): Load<{ perSecond: number }> {
  return async (url, round, seconds) => {
    const started = performance.now()
    const sent = Array.from({ length: atOnce }, (_, nth) =>
      stream(`${url}/identify/batch?answer=${answer}`, mix(contacts, round * atOnce + nth), seconds)
    )
    const answered = (await Promise.all(sent)).reduce((sum, one) => sum + one, 0)
    return { perSecond: answered / ((performance.now() - started) / 1_000) }
  }
}

/** Sends one batch for some seconds; resolves with how many lines were answered. */
async function stream(url: string, bodies: Iterator<Body>, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1_000
  function* lines() {
    while (performance.now() < end) {
      let text = ''
      for (let nth = 0; nth < portion; nth++) text += `${JSON.stringify(bodies.next().value)}\n`
      yield text
    }
  }
  const headers = { 'content-type': 'application/x-ndjson' }
  const sent = request(url, { method: 'POST', headers })
  const answered = once(sent, 'response').then(([answer]) => linesIn(answer))
  const [count] = await Promise.all([answered, pipeline(Readable.from(lines()), sent)])
  return count
}

/** How many lines there are in answers. Throws when one of them tells of a refusal. */
async function linesIn(answers: IncomingMessage): Promise<number> {
  let [lines, before] = [0, '']
  for await (const piece of answers.setEncoding('latin1')) {
    if (`${before}${piece}`.includes(problem)) throw new Error('a line was refused')
    before = piece.slice(-problem.length)
    for (let at = piece.indexOf('\n'); at !== -1; at = piece.indexOf('\n', at + 1)) lines++
  }
  return lines
}
