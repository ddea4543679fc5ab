import { type Static, Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { LedgerError } from './domain/errors.ts'
import { IdentifierNumber, Position, type Recorded, Timestamp } from './domain/event.ts'
import { Kind } from './domain/identifier.ts'
import { eventVersion, parseEvent } from './domain/stored-event.ts'

/**
 * An event as another ledger can take it over: all that the log says of it, as it stands there, and
 * the values from the vault of the identifiers that it names. `recordedAt` is in ms since 1970.
 */
const ExportedEvent = Type.Object(
  {
    position: Position,
    recordedAt: Timestamp,
    version: Type.Integer({ minimum: 1 }),
    event: Type.Object({ type: Type.String() }, { additionalProperties: true }),
    identifiers: Type.Array(
      Type.Object(
        { number: IdentifierNumber, kind: Kind, value: Type.String() },
        { additionalProperties: false }
      )
    )
  },
  { additionalProperties: false }
)
type ExportedEvent = Static<typeof ExportedEvent>

const check = TypeCompiler.Compile(ExportedEvent)

/** An event as one line of JSON. Two events are the same if their lines are. */
export function exportedLine({ position, recordedAt, event, identifiers }: Recorded): string {
  const exported: ExportedEvent = {
    position,
    recordedAt,
    version: eventVersion,
    event,
    identifiers: identifiers.map(({ number, kind, value }) => ({ number, kind, value }))
  }
  return JSON.stringify(exported)
}

/** Reads a line back. Throws `corrupt_log` when it is no event that this program knows. */
export function readExportedLine(line: string): Recorded {
  const exported = parsed(line)
  if (!check.Check(exported)) {
    const wrong = check.Errors(exported).First()
    const where = wrong?.path ? `${wrong.path} is wrong` : 'it is not a JSON object of that form'
    throw new LedgerError('corrupt_log', `This is not an exported event: ${where}.`)
  }
  const { position, recordedAt, version, identifiers } = exported
  const { type, ...data } = exported.event
  const event = parseEvent(position, type, version, JSON.stringify(data))
  return { position, recordedAt, event, identifiers }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
