import { Agent, request } from 'node:http'
import autocannon from 'autocannon'

/** One round of load: requests a second that were answered 200, p99 in ms, and how many were not. */
export type Round = { readonly perSecond: number; readonly p99: number; readonly failed: number }

/** Posts bodies to `/identify` for some seconds over so many connections. */
export type Client = (
  url: string,
  next: () => string,
  connections: number,
  seconds: number
) => Promise<Round>

/** autocannon: next to no work for each answer, so the server gets most of the machine. */
const lean: Client = async (url, next, connections, duration) => {
  const result = await autocannon({
    url: `${url}/identify`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    connections,
    duration,
    body: next(),
    setupClient: (client) => {
      client.setBody(next())
      client.on('response', () => client.setBody(next()))
    }
  })
  const { latency, non2xx, errors } = result
  return {
    perSecond: result['2xx'] / result.duration,
    p99: latency.p99,
    failed: non2xx + errors
  }
}

/** Node's own client, which parses each answer: what a shop's back end is like. */
const usual: Client = async (url, next, connections, seconds) => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const end = performance.now() + seconds * 1_000
  const times: number[] = []
  let failed = 0
  const one = async () => {
    while (performance.now() < end) {
      const sent = performance.now()
      if ((await post(agent, `${url}/identify`, next())) === 200) {
        times.push(performance.now() - sent)
      } else failed++
    }
  }
  await Promise.all(Array.from({ length: connections }, one))
  agent.destroy()
  times.sort((a, b) => a - b)
  const p99 = Math.round(times[Math.floor(times.length * 0.99)] ?? Number.NaN)
  return { perSecond: times.length / seconds, p99, failed }
}

function post(agent: Agent, url: string, body: string): Promise<number | undefined> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part) => {
        text += part
      })
      answer.on('end', () => {
        JSON.parse(text)
        resolve(answer.statusCode)
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

export const clients: Readonly<Record<string, Client>> = { autocannon: lean, node: usual }
