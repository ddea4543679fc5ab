import { Agent, request } from 'node:http'
import autocannon from 'autocannon'
import { quantile } from './figure.ts'
import { mix } from './mix.ts'

/** A request; with a body it is JSON that is posted. */
export type Ask = { readonly path: string; readonly body?: string }

/**
 * One round of load: requests a second; p99 and the longest wait, in ms, of all but the first request
 * of each connection. Node accepts one connection a turn of its loop, so the last of many that come
 * at once to a busy server waits for as many turns; a shop's connections stay.
 */
export type Round = {
  readonly perSecond: number
  readonly p99: number
  readonly longest: number
}

/**
 * Sends requests for some seconds over so many connections, each of which waits for its answer.
 * Throws when any is not answered 200: the figure would say nothing.
 */
export type Client = (
  url: string,
  next: () => Ask,
  connections: number,
  seconds: number
) => Promise<Round>

const jsonType = { 'content-type': 'application/json' }

/** autocannon: next to no work for each answer, so the server gets most of the machine. */
const lean: Client = async (url, next, connections, duration) => {
  const setupRequest = (request: autocannon.Request): autocannon.Request => {
    const { path, body } = next()
    return body === undefined
      ? { ...request, method: 'GET', path }
      : { ...request, method: 'POST', path, body, headers: jsonType }
  }
  const requests = [{ setupRequest }]
  const open = new Set<autocannon.Client>()
  const times: number[] = []
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const options = { url, connections, duration, requests }
    const load = autocannon(options, (error, result) => (error ? reject(error) : resolve(result)))
    load.on('response', (client, _status, _bytes, time) => {
      if (open.has(client)) times.push(time)
      else open.add(client)
    })
  })
  const { non2xx, errors } = result
  if (non2xx + errors > 0) throw new Error(`${non2xx} requests were refused, ${errors} failed`)
  return { perSecond: result['2xx'] / result.duration, ...waits(times) }
}

/** Node's own client, which parses each answer: what a shop's back end is like. */
const usual: Client = async (url, next, connections, seconds) => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const ask = async () => {
    const status = await send(agent, url, next())
    if (status !== 200) throw new Error(`a request was answered ${status}`)
  }
  const onEach = (task: () => Promise<void>) =>
    Promise.all(Array.from({ length: connections }, task))

  await onEach(ask)
  const times: number[] = []
  const end = performance.now() + seconds * 1_000
  await onEach(async () => {
    while (performance.now() < end) {
      const sent = performance.now()
      await ask()
      times.push(performance.now() - sent)
    }
  })
  agent.destroy()
  return { perSecond: times.length / seconds, ...waits(times) }
}

function waits(times: readonly number[]): Pick<Round, 'p99' | 'longest'> {
  return { p99: quantile(times, 0.99), longest: quantile(times, 1) }
}

/** Sends one request over an agent's connections; resolves with the status once the answer was parsed. */
export async function send(agent: Agent, url: string, ask: Ask): Promise<number> {
  let text = ''
  const status = await take(agent, url, ask, (part) => {
    text += part
  })
  JSON.parse(text)
  return status
}

/** Sends one request, and takes the answer piece by piece; resolves with the status at its end. */
export function take(
  agent: Agent,
  url: string,
  { path, body }: Ask,
  onPart: (part: string) => void = () => {}
): Promise<number> {
  const headers =
    body === undefined ? {} : { ...jsonType, 'content-length': Buffer.byteLength(body) }
  const method = body === undefined ? 'GET' : 'POST'
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method, agent, headers }, (answer) => {
      answer.setEncoding('latin1').on('data', onPart)
      answer.on('error', reject).on('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The clients that there are, by name. */
export const clients: Readonly<Record<string, Client>> = { autocannon: lean, node: usual }

/** Posts the mix, or other bodies, to a ledger that held so many contacts. */
export function mixedLoad(contacts: number, connections: number, client: string, of = mix) {
  return (url: string, round: number, seconds: number): Promise<Round> => {
    const bodies = of(contacts, round)
    const next = () => ({ path: '/identify', body: JSON.stringify(bodies.next().value) })
    return clientBy(client)(url, next, connections, seconds)
  }
}

/** The names of the clients that are asked for: one, or all. */
export function clientsAsked(client: string | null): readonly string[] {
  return client === null ? Object.keys(clients) : [client]
}

/** A client by its name. */
export function clientBy(name: string): Client {
  const client = clients[name]
  if (client === undefined) throw new Error(`there is no client ${name}`)
  return client
}
