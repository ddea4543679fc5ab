import type { Position, Recorded, Timestamp } from './domain/event.ts'
import { dryRunsOn } from './dry-runs.ts'
import type { Questions } from './ledger.ts'
import type { EventLog } from './log/event-log.ts'
import type { Reader } from './reader.ts'
import { laneOf, type ReaderTurns } from './reader-turns.ts'
import type { DryRuns, Question, ReadingView, View } from './views.ts'

/** Puts a question at a moment at which the read model shows exactly what is on disk. */
export type Ask = <T>(question: () => T | Promise<T>) => Promise<T>

/** What is asked. */
export type Asking<Told> = {
  readonly view: View
  readonly log: EventLog
  /** Who is asked about large identities; without one they are answered here. */
  readonly turns: ReaderTurns<Told> | null
  readonly ask: Ask
  readonly now: () => Timestamp
}

/** The questions to a ledger, by whoever may be `gone` before there is an answer. */
export function questionsTo<Told>(asking: Asking<Told>): (gone: () => boolean) => Questions<Told> {
  const { view, log, turns, ask, now } = asking
  const here: ReadingView & DryRuns = { ...view, ...dryRunsOn(view) }

  return (gone) => {
    /** Has what concerns a large identity answered by the reader, if there is one. */
    const put = <Here, There>(
      question: Question,
      answered: (by: typeof here | Reader<Told>) => Here | Promise<There>
    ) =>
      ask<Here | There>(() => {
        if (turns === null || !view.isLarge(question)) return answered(here)
        return turns.ask(laneOf(question), async (reader) => answered(reader), gone)
      })

    return {
      contact: (...asked) => put({ name: 'contact', asked }, ({ contact }) => contact(...asked)),
      identityOf: (...asked) =>
        put({ name: 'identityOf', asked }, ({ identityOf }) => identityOf(...asked)),
      why: (...asked) => put({ name: 'why', asked }, ({ why }) => why(...asked)),
      graph: (...asked) => put({ name: 'graph', asked }, ({ graph }) => graph(...asked)),
      // A dry run is of the time at which it is asked for.
      supposeObserved(observation) {
        const asked: Parameters<DryRuns['supposeObserved']> = [observation, now()]
        return put({ name: 'supposeObserved', asked }, (by) => by.supposeObserved(...asked))
      },
      supposeDecided(decision) {
        const asked: Parameters<DryRuns['supposeDecided']> = [decision, now()]
        return put({ name: 'supposeDecided', asked }, (by) => by.supposeDecided(...asked))
      },
      carriers: (...asked) => ask(() => view.carriers(...asked)),
      stats: () => ask(() => view.stats()),

      async history(...asked) {
        const question = { name: 'history', asked } as const
        return eventsAt(log, await put(question, ({ history }) => history(...asked)))
      },
      positionAt: (time) => ask(() => positionAt(log, time)),
      async status() {
        return { readModel: await ask(() => view.position()), head: await log.head() }
      }
    }
  }
}

/** The events at these positions. */
export async function eventsAt(
  log: EventLog,
  positions: readonly Position[]
): Promise<readonly Recorded[]> {
  const pages = await Promise.all(positions.map((position) => log.read(position - 1, 1)))
  return pages.flat()
}

/**
 * The last event that was recorded no later than a time; 0 when none was. A search by halves, so
 * that a clock that was set back in between costs exactness, never more than a few reads.
 */
export async function positionAt(log: EventLog, time: Timestamp): Promise<Position | 0> {
  let [before, after] = [0, (await log.head()) + 1]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    const [event] = await log.read(middle - 1, 1)
    if (event !== undefined && event.recordedAt <= time) before = middle
    else after = middle
  }
  return before
}
