import type Database from 'better-sqlite3'
import type { ContactId } from '../src/domain/event.ts'
import type { End, Question, WritingView } from '../src/views.ts'
import { forest, type Node } from './contacts/forest.ts'
import type { Contacts } from './contacts/projection.ts'
import { large } from './stats/sizes.ts'

const statements = (db: Database.Database) => ({
  nodeOfContact: db.prepare<[number], Node>('SELECT node FROM minted WHERE id = ?').pluck(),
  nodeOfValue: db
    .prepare<[string, string], Node>('SELECT node FROM identifiers WHERE value = ? AND kind = ?')
    .pluck(),
  anySplit: db.prepare<[], 0 | 1>('SELECT EXISTS (SELECT 1 FROM splits)').pluck()
})

/**
 * Tells of a question, by a look or two, whether it concerns a large identity. Where nobody is large
 * it takes none. What came apart since may have been large, so the past is not told from the present.
 */
export function largeQuestions(
  db: Database.Database,
  { sizes, lastNumbered }: Pick<Contacts, 'sizes' | 'lastNumbered'>
): WritingView['isLarge'] {
  const sql = statements(db)
  const trees = forest(db)

  const isLarge = (node: Node | undefined) =>
    node !== undefined && sizes.isLarge(trees.rootOf(node).oldest ?? 0)
  const contact = (id: ContactId) => isLarge(sql.nodeOfContact.get(id))
  const end = (one: End) =>
    'contact' in one ? contact(one.contact) : isLarge(sql.nodeOfValue.get(one.value, one.kind))
  const email = (value: string | null) => value !== null && end({ kind: 'email', value })
  const phone = (value: string | null) => value !== null && end({ kind: 'phone', value })

  const now = ({ name, asked }: Question): boolean => {
    switch (name) {
      case 'contact':
      case 'history':
      case 'graph':
        return contact(asked[0])
      case 'identityOf':
        return email(asked[0].email) || phone(asked[0].phoneNumber)
      case 'why':
        return end(asked[0]) || end(asked[1])
    }
  }

  const then = () => lastNumbered().contact > large && sql.anySplit.get() === 1

  return (question) => (sizes.anyLarge() && now(question)) || (isPast(question) && then())
}

function isPast({ name, asked }: Question): boolean {
  if (name === 'why') return asked[2] !== undefined
  return name !== 'history' && asked[1] !== undefined
}
