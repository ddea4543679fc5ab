import { LedgerError } from './domain/errors.ts'
import { identifiersOf, type LedgerEvent, type Position, type Recorded } from './domain/event.ts'
import { type Identifier, normaliseEmail, normalisePhone } from './domain/identifier.ts'
import { exportedLine, readExportedLine } from './exported-event.ts'
import type { EventLog } from './log/event-log.ts'

/** How many events are appended at once. */
const batchSize = 1_000

/** How many events a log holds after it was restored, and how many of them it held before. */
export type Restored = { readonly events: number; readonly already: number }

/**
 * Fills an empty log with exported events, a line each, at their positions and with their times.
 * A log that holds the first of them, as an interrupted run leaves it, is filled up. All that is
 * appended is read back. Memory holds one batch.
 *
 * Throws `corrupt_log`, naming the line, at one that does not continue those before it, and
 * `conflict` when the log holds anything else; what was appended before stays, and is a beginning
 * of the file.
 */
export async function restore(log: EventLog, lines: AsyncIterable<string>): Promise<Restored> {
  const already = await log.head()
  let [line, head, lastIdentifier] = [0, 0, 0]
  let batch: Recorded[] = []

  const flush = async () => {
    await take(log, batch, already)
    batch = []
  }

  for await (const text of lines) {
    line++
    if (text.trim() === '') continue
    try {
      const recorded = readExportedLine(text)
      mustFollow(recorded, head, lastIdentifier)
      lastIdentifier = Math.max(lastIdentifier, ...recorded.identifiers.map(({ number }) => number))
      batch.push(recorded)
      head++
    } catch (error) {
      await flush()
      if (!(error instanceof LedgerError)) throw error
      throw new LedgerError('corrupt_log', `Line ${line}: ${error.message}`)
    }
    if (batch.length === batchSize || head === already) await flush()
  }
  await flush()
  if (head < already) throw otherEvents(head + 1)
  return { events: head, already }
}

/** Puts a batch into the log, unless that holds it already. */
async function take(log: EventLog, batch: readonly Recorded[], already: Position | 0) {
  const [first] = batch
  if (first === undefined) return
  const after = first.position - 1
  if (first.position > already) await append(log, batch, after)
  const kept = await log.read(after, batch.length)
  const differs = batch.find((one, nth) => {
    const other = kept[nth]
    return other === undefined || exportedLine(one) !== exportedLine(other)
  })
  if (differs === undefined) return
  if (first.position <= already) throw otherEvents(differs.position)
  throw corrupt(`The event at position ${differs.position} names a value by the number of another.`)
}

async function append(log: EventLog, batch: readonly Recorded[], head: Position | 0) {
  try {
    await log.append(batch, head)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new LedgerError(
      'unavailable',
      `A write failed (${reason}). Start again to go on from what is on disk.`
    )
  }
}

/** Throws `corrupt_log` unless an event can stand right after this head and this last identifier. */
function mustFollow(
  { position, event, identifiers }: Recorded,
  head: Position | 0,
  lastIdentifier: number
) {
  if (position !== head + 1) {
    throw corrupt(`position ${position} stands where ${head + 1} comes next.`)
  }
  const [named, kinds] = [identifiersOf(event), kindsIn(event)]
  const agrees = ({ number, kind }: Identifier, nth: number) =>
    number === named[nth] && (kinds?.[nth] ?? kind) === kind
  if (identifiers.length !== named.length || !identifiers.every(agrees)) {
    throw corrupt('its identifiers are not those that its event names.')
  }
  let last = lastIdentifier
  for (const { number, kind, value } of identifiers) {
    if (number > last + 1)
      throw corrupt(`identifier ${number} stands where ${last + 1} comes next.`)
    last = Math.max(last, number)
    const normal =
      kind === 'email' ? normaliseEmail(value) : normalisePhone(value, (phone) => phone)
    if (normal !== value)
      throw corrupt(`the ${kind} of identifier ${number} is not in its normal form.`)
  }
}

/** Of which kinds the identifiers must be that an event names; undefined when they may be of any. */
function kindsIn(event: LedgerEvent): readonly Identifier['kind'][] | undefined {
  if (event.type !== 'ContactObserved') return undefined
  return [
    ...(event.email === null ? [] : ['email' as const]),
    ...(event.phoneNumber === null ? [] : ['phone' as const])
  ]
}

function corrupt(what: string): LedgerError {
  return new LedgerError('corrupt_log', what)
}

function otherEvents(from: Position): LedgerError {
  return new LedgerError(
    'conflict',
    `The ledger is not empty: from position ${from} on, its events are not those of the file. Import into an empty one.`
  )
}
