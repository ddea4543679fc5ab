import { LedgerError } from '../src/domain/errors.ts'
import type { ContactRow, ContactWithIdentity } from '../src/views.ts'
import { identityInWords } from './identity-text.ts'
import { pastPosition } from './past-position.ts'
import { exit, print, printJson, type Verb } from './verb.ts'
import { wholeNumber } from './whole-number.ts'
import { ask } from './wiring.ts'

/** Shows a contact, and the identity that holds it. */
export const contact: Verb = {
  describe: (command) =>
    command
      .summary('show a contact and the identity that holds it')
      .description(
        'Shows a contact and the identity that holds it, now or as of a point of the past. Exits with 1 when there is no such contact.'
      )
      .argument('<id>', 'its id')
      .option('--as-of <point>', 'answer as of this position or ISO 8601 time')
      .option('--json', 'print {"contact", "identity"}'),

  async run(io, { json, asOf }, given = '') {
    const id = wholeNumber('id', given, 1)
    const config = io.config()
    const at = await pastPosition(config, asOf)
    const found = await ask(config, (view) => view.contact(id, at))
    if (found === null) {
      throw new LedgerError(
        'not_found',
        `There is no contact ${id}${at === undefined ? '' : ' then'}.`
      )
    }
    if (json) printJson(io, found)
    else print(io, ...told(found))
    return exit.done
  }
}

function told({ contact, identity }: ContactWithIdentity): string[] {
  const { id, email, phoneNumber, createdAt, updatedAt, deletedAt } = contact
  return [
    `contact ${id}, ${rankOf(contact)}`,
    ...(email === null ? [] : [`  email: ${email}`]),
    ...(phoneNumber === null ? [] : [`  phone number: ${phoneNumber}`]),
    `  created ${createdAt}, updated ${updatedAt}`,
    ...(deletedAt === null ? [] : [`  withdrawn ${deletedAt}: nothing that it brought is listed`]),
    ...(identity === null ? ['nobody in its identity is live'] : identityInWords(identity))
  ]
}

function rankOf({ linkedId, deletedAt }: ContactRow): string {
  if (linkedId === null) return deletedAt === null ? 'primary' : 'withdrawn'
  return `${deletedAt === null ? 'secondary' : 'withdrawn, once'} of contact ${linkedId}`
}
