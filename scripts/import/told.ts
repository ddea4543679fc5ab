import type { Columns } from './columns.ts'
import type { Table } from './table.ts'
import type { Came } from './tally.ts'

/** What was taken for what, in words. */
export function toldColumns({ format, header, columns }: Table, taken: Columns): string {
  const named = (places: readonly number[]) => places.map((place) => columns[place]).join(', ')
  const parts = [
    ...(taken.email.length > 0 ? [`emails from ${named(taken.email)}`] : []),
    ...(taken.phone.length > 0 ? [`phone numbers from ${named(taken.phone)}`] : []),
    ...(taken.time === null ? [] : [`the time from ${named([taken.time])}`])
  ]
  const first = header ? ', its first row as names' : ', no row as names'
  const form = format.name.toUpperCase() + (format.name === 'ndjson' ? '' : first)
  return `Reading ${form}; ${parts.join('; ')}${taken.guessed ? ' (guessed)' : ''}.`
}

/** What came of an import, in words. */
export function told(came: Came): string[] {
  const { rows, observations, already, contacts, merges, unlinked, rejects, seconds } = came
  const before = already === 0 ? '' : `, ${already} already on record`
  return [
    `${counted(rows, 'row')}: ${counted(observations, 'observation')} recorded${before}; ${counted(contacts, 'contact')}, ${counted(merges, 'merge')}, ${counted(rejects, 'reject')} (${seconds} s).`,
    ...(rejects === 0
      ? []
      : [
          `${came.rejectsFile} lists what was rejected, and why; correct it there and import that file.`
        ]),
    ...(unlinked === 0
      ? []
      : [
          `${counted(unlinked, 'row')} with several values of one kind and none of the other: nothing links these values.`
        ])
  ]
}

function counted(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`
}
