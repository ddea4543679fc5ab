import type { Timestamp } from './domain/event.ts'

/** How long questions may take of one turn of the event loop, in ms. */
const slice = 5

/** Questions that wait for the right moment, and that leave each turn to others in good time. */
export type QuestionQueue = {
  /** Whether any waits. */
  readonly waiting: boolean
  /** Keeps a question until its turn. Resolves to its answer; rejects with what it throws. */
  add<T>(question: () => T | Promise<T>): Promise<T>
  /** Asks those that wait, in their order: the first, and then as many as a turn allows. Called once a turn. */
  askWaiting(): void
  /** Rejects all that wait. */
  refuse(refusal: unknown): void
}

type Waiting = { ask(): void; reject(refusal: unknown): void }

/** Large identities make slow questions: a hundred of them must not hold up everybody else. */
export function questionQueue(now: () => Timestamp): QuestionQueue {
  let questions: Waiting[] = []
  let asked = 0
  const forgetAsked = () => {
    questions = questions.slice(asked)
    asked = 0
  }
  return {
    get waiting() {
      return questions.length > asked
    },

    add: (question) =>
      new Promise((resolve, reject) => {
        const ask = () => {
          try {
            resolve(question())
          } catch (error) {
            reject(error)
          }
        }
        questions.push({ ask, reject })
      }),

    askWaiting() {
      if (questions.length === 0) return
      const end = now() + slice
      // One that finds that nobody can answer any more has the rest refused, and not itself.
      for (let first = true; asked < questions.length; first = false) {
        if (!first && now() > end) break
        questions[asked++]?.ask()
      }
      forgetAsked()
    },

    refuse(refusal) {
      for (const { reject } of questions.slice(asked)) reject(refusal)
      asked = questions.length
      forgetAsked()
    }
  }
}
