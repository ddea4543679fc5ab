import type { Timestamp } from './domain/event.ts'

/** How long questions may take of one turn of the event loop, in ms. */
const slice = 5

/** Questions that wait for the right moment, and that leave each turn to others in good time. */
export type QuestionQueue = {
  /** Whether any waits. */
  readonly waiting: boolean
  add(question: () => void): void
  /**
   * Asks those that wait, in their order: all of them, or the first and then as many as a turn
   * allows. Called once a turn.
   */
  askWaiting(all?: boolean): void
}

/** Large identities make slow questions: a hundred of them must not hold up everybody else. */
export function questionQueue(now: () => Timestamp): QuestionQueue {
  let questions: (() => void)[] = []
  let asked = 0
  return {
    get waiting() {
      return questions.length > asked
    },
    add: (question) => void questions.push(question),
    askWaiting(all = false) {
      if (questions.length === 0) return
      const end = now() + slice
      // One that finds that nobody can answer any more has the rest asked, and not itself.
      for (let first = true; asked < questions.length; first = false) {
        if (!all && !first && now() > end) break
        questions[asked++]?.()
      }
      questions = questions.slice(asked)
      asked = 0
    }
  }
}
