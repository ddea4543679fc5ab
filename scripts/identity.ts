import { LedgerError } from '../src/domain/errors.ts'
import { normaliseValues } from '../src/observation.ts'
import { canonicalPhone } from '../src/phone-region.ts'
import { identityInWords } from './identity-text.ts'
import { pastPosition } from './past-position.ts'
import { exit, print, printJson, type Verb } from './verb.ts'
import { ask } from './wiring.ts'

/** Looks an identity up by its values. */
export const identity: Verb = {
  describe: (command) =>
    command
      .summary('look an identity up by an email, a phone number, or both')
      .description(
        'Looks an identity up by an email, a phone number, or both, now or as of a point of the past. Records nothing. Exits with 1 when there is none, or when the two belong to different identities.'
      )
      .option('--email <address>', 'an email that it lists')
      .option('--phone <number>', 'a phone number that it lists')
      .option('--as-of <point>', 'answer as of this position or ISO 8601 time')
      .option(
        '--json',
        'print {"primaryContactId", "emails", "phoneNumbers", "secondaryContactIds"}'
      ),

  async run(io, { json, email, phone, asOf }) {
    const config = io.config()
    const values = normaliseValues(
      { email, phoneNumber: phone },
      canonicalPhone(config.phoneRegion)
    )
    const at = await pastPosition(config, asOf)
    const found = await ask(config, (view) => view.identityOf(values, at))
    if (found === null) {
      throw new LedgerError(
        'not_found',
        `No contact ${at === undefined ? 'carries' : 'carried'} these values.`
      )
    }
    if (json) printJson(io, found)
    else print(io, ...identityInWords(found))
    return exit.done
  }
}
