import { Readable } from 'node:stream'
import type { Identity } from '../domain/answer.ts'
import type { ContactId } from '../domain/event.ts'
import type { Receipt } from '../receipt.ts'
import type { ProblemDetails } from './problem.ts'

/** How many lines of a batch wait for their answers to be sent, at most. */
const mostWaiting = 1_000

/** How many contacts the answers list together that wait in all batches, at most. */
const mostWeight = 1_000_000

/** About how much is sent at once, in characters. */
const portion = 64 * 1024

/** What became of a line: all of its identity, or the primary, or a receipt; or a refusal. */
export type Told =
  | { readonly identity: Identity }
  | { readonly primaryContactId: ContactId }
  | { readonly receipt: Receipt }
  | { readonly problem: ProblemDetails }

/** How much the answers weigh that wait: the contacts that they list, of all batches together. */
export type Held = { weight: number }

export type AnswerQueueOptions = {
  readonly held: Held
  /** What is answered to a line whose identity was let go, by its primary. */
  look(primary: ContactId): Promise<Told>
  /** The client took something, or there is room for more lines. */
  onProgress(): void
  onClose(): void
}

/** The answers to lines, in the order of the lines. */
export type AnswerQueue = {
  readonly stream: Readable
  /** Whether as many lines wait as may. */
  readonly full: boolean
  /** How many lines are not answered yet. */
  readonly unanswered: number
  /** Whether answers wait for the client to take them. */
  readonly stuck: boolean
  /** Takes a place for the answer to a line, which the returned function fills. */
  add(line: number): (told: Told) => void
  /** The last line was added. */
  end(): void
}

/** An answer that waits for its turn; one too many is let go and looked up again. */
type Entry = { readonly line: number; told: Told | { readonly letGo: ContactId } | null }

/**
 * Sends answers in their order, no faster than they are taken. Identities are large, so there is a
 * limit to what waits: those beyond it are let go, and looked up again in their turn.
 */
export function answerQueue(options: AnswerQueueOptions): AnswerQueue {
  const { held } = options
  let entries: Entry[] = []
  let unanswered = 0
  /** The client takes more. */
  let wanted = false
  /** A flush follows once this turn ends. */
  let flushing = false
  /** The next answer is looked up again. */
  let looking = false
  /** The last line was added. */
  let ended = false
  /** Nobody takes an answer any more. */
  let closed = false

  const stream = new Readable({
    read() {
      wanted = true
      flushSoon()
      options.onProgress()
    },
    destroy(error, done) {
      closed = true
      for (const { told } of entries) held.weight -= weightOf(told)
      entries = []
      options.onClose()
      done(error)
    }
  })

  /** What is answered together is sent together. */
  function flushSoon() {
    if (flushing) return
    flushing = true
    setImmediate(flush)
  }

  function flush() {
    flushing = false
    if (closed || looking) return
    let [sent, text] = [0, '']
    for (const entry of entries) {
      const { line, told } = entry
      if (!wanted || told === null || text.length >= portion) break
      if ('letGo' in told) {
        void lookUp(entry, told.letGo)
        break
      }
      text += answerLine(line, told)
      held.weight -= weightOf(told)
      sent++
    }
    if (sent > 0) {
      entries = entries.slice(sent)
      wanted = stream.push(text)
      if (wanted && entries[0]?.told) flushSoon()
      options.onProgress()
    }
    if (ended && entries.length === 0) stream.push(null)
  }

  async function lookUp(entry: Entry, primary: ContactId) {
    looking = true
    entry.told = await options.look(primary)
    held.weight += weightOf(entry.told)
    looking = false
    if (closed) held.weight -= weightOf(entry.told)
    else flush()
  }

  return {
    stream,
    get full() {
      return entries.length >= mostWaiting
    },
    get unanswered() {
      return unanswered
    },
    get stuck() {
      return !wanted && stream.readableLength > 0
    },

    add(line) {
      const entry: Entry = { line, told: null }
      entries.push(entry)
      unanswered++
      return (told) => {
        unanswered--
        if (closed) return
        const tooMuch = 'identity' in told && held.weight + weightOf(told) > mostWeight
        entry.told = tooMuch ? { letGo: told.identity.primaryContactId } : told
        held.weight += weightOf(entry.told)
        flushSoon()
      }
    },

    end() {
      ended = true
      flushSoon()
    }
  }
}

function answerLine(line: number, told: Told): string {
  const start = `{"line":${line},"status":`
  if ('problem' in told) {
    return `${start}${told.problem.status},"problem":${JSON.stringify(told.problem)}}\n`
  }
  if ('identity' in told) return `${start}200,"identity":${JSON.stringify(told.identity)}}\n`
  if ('receipt' in told) return `${start}200,"receipt":${JSON.stringify(told.receipt)}}\n`
  return `${start}200,"primaryContactId":${told.primaryContactId}}\n`
}

function weightOf(told: Entry['told']): number {
  return told !== null && 'identity' in told ? told.identity.secondaryContactIds.length : 0
}
