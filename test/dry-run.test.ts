import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { openLedger } from '../src/group-commit.ts'
import type { Ledger } from '../src/ledger.ts'
import { memoryLog } from '../src/log/memory.ts'
import { between, type Command, commands, on, see } from './support/decided-histories.ts'
import { mostRequests } from './support/histories.ts'
import { holds } from './support/holds.ts'
import { viewOf } from './support/ledger.ts'
import { memoryReadModel } from './support/memory-read-model.ts'

const key = fc.constantFrom(null, null, 'one', 'other')

/** Commands, of which some requests come under the same idempotency keys. */
const keyed = fc
  .tuple(commands, fc.array(key, { minLength: mostRequests, maxLength: mostRequests }))
  .map(([given, keys]) =>
    given.map(
      (command, nth): Command =>
        command.asked === undefined
          ? command
          : { asked: { ...command.asked, idempotencyKey: keys[nth] ?? null } }
    )
  )

/** What a command comes to: the answer, or the refusal. */
function real(ledger: Ledger, { asked, decision }: Command): Promise<unknown> {
  const answer = asked === undefined ? ledger.decide(decision) : ledger.observe(asked)
  return answer.catch(String)
}

/** What it would come to. */
function supposed(ledger: Ledger, { asked, decision }: Command): Promise<unknown> {
  const answer =
    asked === undefined ? ledger.supposeDecided(decision) : ledger.supposeObserved(asked)
  return answer.catch(String)
}

/** What commands come to, one after another, and what each would have come to just before. */
async function played(given: readonly Command[]) {
  const db = memoryReadModel()
  const log = memoryLog()
  const onFailure = (error: unknown) => {
    throw error
  }
  // A commit that falls due meanwhile would be taken for a write of the dry run.
  const commitLimits = { events: 1_000_000, pause: 60_000, patience: 60_000 }
  const ledger = openLedger({ log, view: viewOf(db), now: () => 1_000, onFailure, commitLimits })
  const changes = db.prepare('SELECT total_changes()').pluck()
  const written = async () => [await log.head(), changes.get()]
  const answers: unknown[] = []
  try {
    for (const command of given) {
      const before = await written()
      const told = await supposed(ledger, command)
      same(await written(), before)
      answers.push(await real(ledger, command))
      same(answers.at(-1), told)
    }
  } finally {
    await ledger.close()
    db.close()
  }
  return answers
}

t.test(
  'a value shown by two identities is answered as it stands after the other changed',
  async (t) => {
    const answers = await played([
      see(null, '3'),
      see('b@x', '3'),
      between('LinkForbidden', 'b@x', '3'),
      see('b@x', null),
      see(null, '3'),
      on('IdentifierBlocked', 'b@x'),
      see(null, '3')
    ])
    t.match(answers.at(-1), { primaryContactId: 1, emails: ['b@x'], secondaryContactIds: [2] })
  }
)

holds(t, 'a dry run answers as the real one then does, and writes nothing', keyed, played)
