import type { Timestamp } from './domain/event.ts'

/** How long questions may take of one turn of the event loop, in ms. */
const slice = 5

/** Questions that wait for the right moment, and that leave each turn to others in good time. */
export type QuestionQueue = {
  /** Whether any waits. */
  readonly waiting: boolean
  /** Whether the questions have used up this turn. */
  readonly spent: boolean
  add(question: () => void): void
  /** Asks one at once. */
  ask(question: () => void): void
  /** Asks those that wait, as many as the turn allows, or all of them. */
  askWaiting(all?: boolean): void
}

/** Large identities make slow questions: a hundred of them must not hold up everybody else. */
export function questionQueue(now: () => Timestamp): QuestionQueue {
  const questions: (() => void)[] = []
  let used = 0
  const ask = (question: () => void) => {
    const started = now()
    question()
    if (used === 0) {
      setImmediate(() => {
        used = 0
      })
    }
    used += now() - started
  }
  return {
    get waiting() {
      return questions.length > 0
    },
    get spent() {
      return used > slice
    },
    add: (question) => void questions.push(question),
    ask,
    askWaiting(all = false) {
      while (questions.length > 0 && (all || used <= slice)) ask(questions.shift() as () => void)
    }
  }
}
