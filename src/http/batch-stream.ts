import type { Readable } from 'node:stream'
import { type Line, lineCutter } from '../line-cutter.ts'
import { type AnswerQueueOptions, answerQueue, type Told } from './answer-queue.ts'
import { problem } from './problem.ts'

/** The longest line that is read, in bytes. */
const longestLine = 16 * 1024

/** How long a client may take for the next line once it is to be quick, in ms. */
const haste = 1_000

export type BatchOptions = Pick<AnswerQueueOptions, 'held' | 'look'> & {
  /**
   * Takes a line and has it answered, unless it is blank. False when there is no room for it now;
   * `again` is called when it is worth another try.
   */
  take(bytes: Buffer, answer: () => (told: Told) => void, again: () => void): boolean
  /** How long a client may take for the next line, or to take an answer, in ms. */
  readonly patience: number
  onClose(again: () => void): void
}

/** A batch at work: the stream of its answers, and a way to have it end soon. */
export type Batch = { readonly stream: Readable; hurry(): void }

/**
 * Answers the lines of a body in their order. It reads no more than it can answer, so that neither
 * lines that wait for the ledger nor answers that wait for the client grow beyond their bounds.
 */
export function batchStream(body: Readable, options: BatchOptions): Batch {
  const cutter = lineCutter(longestLine)
  let lines: Line[] = []
  let bodyEnded = false
  /** There was no room for the next line. */
  let waiting = false
  /** No more lines are taken: all were, or the client is gone. */
  let over = false
  let hurried = false
  let timer = setTimeout(outOfPatience, options.patience)

  const queue = answerQueue({
    ...options,
    onProgress() {
      timer.refresh()
      advance()
    },
    onClose() {
      over = true
      lines = []
      clearTimeout(timer)
      options.onClose(advance)
    }
  })

  function arrive(piece: Buffer) {
    const arrived = cutter.cut(piece)
    if (arrived.length > 0) timer.refresh()
    lines = lines.length === 0 ? arrived : [...lines, ...arrived]
    advance()
  }

  /** Takes as many lines as there is room for, and reads on once there are none left. */
  function advance() {
    let taken = 0
    waiting = false
    while (!over && !waiting && !queue.full && taken < lines.length) {
      waiting = !take(lines[taken] as Line)
      if (!waiting) taken++
    }
    lines = lines.slice(taken)
    if (lines.length > 0) body.pause()
    else if (!bodyEnded) body.resume()
    else end()
  }

  function take({ number, bytes }: Line): boolean {
    const answer = () => queue.add(number)
    if (bytes !== null) return options.take(bytes, answer, advance)
    answer()({ problem: problem(413, 'The line has more than 16 KiB.') })
    return true
  }

  function end() {
    if (over) return
    over = true
    queue.end()
  }

  /** Hangs up on a client that does not get on; where the ledger is slow, that is not its fault. */
  function outOfPatience() {
    if (waiting || queue.unanswered > 0) return void timer.refresh()
    if (queue.stuck) return void queue.stream.destroy()
    if (!hurried) {
      queue.add(cutter.next)({ problem: problem(408, 'The line took too long to arrive.') })
    }
    end()
  }

  body
    .on('data', arrive)
    .once('end', () => {
      bodyEnded = true
      lines = [...lines, ...cutter.end()]
      advance()
    })
    .once('error', () => queue.stream.destroy())

  return {
    stream: queue.stream,
    hurry() {
      hurried = true
      clearTimeout(timer)
      timer = setTimeout(outOfPatience, haste)
    }
  }
}
