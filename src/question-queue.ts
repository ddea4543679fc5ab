import type { Timestamp } from './domain/event.ts'

/** How long questions may take of one turn of the event loop, in ms. */
const slice = 5

/** Questions that wait for the right moment, and that leave each turn to others in good time. */
export type QuestionQueue = {
  /** Whether any waits. */
  readonly waiting: boolean
  add(question: () => void): void
  /** Asks those that wait, in their order: as many as a turn allows, or all of them. */
  askWaiting(all?: boolean): void
}

/** Large identities make slow questions: a hundred of them must not hold up everybody else. */
export function questionQueue(now: () => Timestamp): QuestionQueue {
  let questions: (() => void)[] = []
  return {
    get waiting() {
      return questions.length > 0
    },
    add: (question) => void questions.push(question),
    askWaiting(all = false) {
      const end = now() + slice
      let asked = 0
      while (asked < questions.length && (all || asked === 0 || now() <= end)) {
        questions[asked++]?.()
      }
      questions = questions.slice(asked)
    }
  }
}
