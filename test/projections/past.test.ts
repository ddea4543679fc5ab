import { deepStrictEqual as same } from 'node:assert/strict'
import t from 'tap'
import { projector } from '../../projections/projector.ts'
import { readingView } from '../../projections/reading-view.ts'
import type { Recorded } from '../../src/domain/event.ts'
import type { ReadingView } from '../../src/views.ts'
import { decidedHistory } from '../support/decided-histories.ts'
import { holds } from '../support/holds.ts'
import { memoryReadModel } from '../support/memory-read-model.ts'

t.setTimeout(600_000)

type Question = (view: ReadingView, asOf?: number) => unknown

holds(t, 'as of any position all is answered as it was then', decidedHistory, (told) => {
  const db = memoryReadModel()
  const [models, view] = [projector(db), readingView(db)]
  const questions = questionsAbout(told)
  const answered = [0, ...told.keys()].map((_, nth) => {
    if (nth > 0) models.hearAll(told.slice(nth - 1, nth))
    return questions.map((ask) => ask(view))
  })
  answered.forEach((answers, asOf) => {
    same(
      questions.map((ask) => ask(view, asOf)),
      answers,
      `as of ${asOf}`
    )
  })
  db.close()
})

/** Every contact, every value, and some values together. */
function questionsAbout(told: readonly Recorded[]): Question[] {
  const [emails, phones] = (['email', 'phone'] as const).map((kind) => [
    ...new Set(
      told.flatMap(({ identifiers }) =>
        identifiers.filter((one) => one.kind === kind).map(({ value }) => value)
      )
    )
  ]) as [string[], string[]]
  const contacts = told.flatMap(({ event }) =>
    event.type === 'ContactObserved' ? (event.contact ?? []) : []
  )
  const identityOf = (email: string | null, phoneNumber: string | null): Question => {
    return (view, asOf) => refusal(() => view.identityOf({ email, phoneNumber }, asOf))
  }
  return [
    ...contacts.map(
      (id): Question =>
        (view, asOf) =>
          view.contact(id, asOf)
    ),
    ...contacts.map(
      (id): Question =>
        (view, asOf) =>
          refusal(() => view.graph(id, asOf))
    ),
    ...emails.map((email) => identityOf(email, null)),
    ...phones.map((phone) => identityOf(null, phone)),
    ...emails.map((email, nth) => identityOf(email, phones[nth % phones.length] ?? null)),
    ...phones.map((phone, nth) => identityOf(emails.at(-nth) ?? 'nobody@x', phone))
  ]
}

/** An answer, or the words of the refusal. */
function refusal(ask: () => unknown) {
  try {
    return ask()
  } catch (error) {
    return String(error)
  }
}
