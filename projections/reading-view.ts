import type Database from 'better-sqlite3'
import type { ReadingView } from '../src/views.ts'
import { carrierQueries } from './carriers.ts'
import { contactQueries } from './contacts/queries.ts'
import { graphIn } from './evidence/graph.ts'
import { historyQueries } from './history.ts'
import { identityGraphs } from './identity-graph.ts'
import { pastQueries } from './past.ts'
import { statsQueries } from './stats/queries.ts'
import { whyQueries } from './why.ts'

/**
 * What is asked of the read model in a database. A question makes several reads: ask it in one turn
 * of the event loop on the writer's own connection (`inOneRead` is quicker), in one transaction on any
 * other. `flush` writes what the writer on this connection, if there is one, holds in memory.
 */
export function readingView(db: Database.Database, flush?: () => void): ReadingView {
  const position = db.prepare<[], number>('SELECT position FROM checkpoint').pluck()
  const graph = graphIn(db)
  const present = contactQueries(db, graph)
  const past = pastQueries(db)
  return {
    position: () => position.get() ?? 0,
    contact: (id, asOf) => (asOf === undefined ? present.contact(id) : past.contact(id, asOf)),
    identityOf: (values, asOf) =>
      asOf === undefined ? present.identityOf(values) : past.identityOf(values, asOf),
    why: whyQueries(db, graph),
    history: historyQueries(db, graph),
    graph: identityGraphs(db, graph),
    carriers: carrierQueries(db, graph),
    stats: statsQueries(db, flush)
  }
}
