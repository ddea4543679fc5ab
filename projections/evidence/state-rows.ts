import type { State } from '../../src/domain/graph.ts'
import type { Ruling } from '../../src/domain/ruling.ts'

/** A state and a ruling as SQLite tells them, without booleans. */
export type StateRow = Omit<State, 'blocked'> & { readonly blocked: 0 | 1 }
export type RulingRow = Omit<Ruling, 'forbidden'> & { readonly forbidden: 0 | 1 }

/** The state that a row tells. */
export function stateOf(row: StateRow): State {
  return { ...row, blocked: row.blocked === 1 }
}

/** The ruling that a row tells. */
export function rulingOf(row: RulingRow): Ruling {
  return { ...row, forbidden: row.forbidden === 1 }
}
