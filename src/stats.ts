import { type Static, Type } from '@sinclair/typebox'
import { ContactId } from './domain/event.ts'

/** What a ledger holds, in numbers. */
export const Stats = Type.Object({
  events: Type.Integer(),
  /** Live contacts, and the identities that they make. */
  contacts: Type.Integer(),
  identities: Type.Integer(),
  /** Events by type; types that never came are 0. */
  byType: Type.Record(Type.String(), Type.Integer()),
  /**
   * How many identities have from `from` to `to` live contacts: 1, 2, 3–4, 5–8 and so on, up to the
   * largest.
   */
  sizes: Type.Array(
    Type.Object({ from: Type.Integer(), to: Type.Integer(), identities: Type.Integer() })
  ),
  /** The ten identities with the most live contacts, the largest first; none with only one. */
  largest: Type.Array(Type.Object({ primaryContactId: ContactId, contacts: Type.Integer() })),
  /**
   * The ten identifiers that are shared with the most others, the most shared first; none that are
   * shared with fewer than four.
   */
  mostShared: Type.Array(Type.Object({ identifier: Type.String(), sharing: Type.Integer() })),
  /** Merges and splits by day in UTC (YYYY-MM-DD), the latest first: the last 366 days with any. */
  days: Type.Array(
    Type.Object({ day: Type.String(), merges: Type.Integer(), splits: Type.Integer() })
  )
})
export type Stats = Static<typeof Stats>
