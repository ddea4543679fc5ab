import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { recentNodes } from '../../projections/contacts/recent-nodes.ts'
import { holds } from '../support/holds.ts'
import { memoryReadModel } from '../support/memory-read-model.ts'

t.setTimeout(300_000)

/** Identifiers that share the few places that there are; two have numbers of more than 32 bits. */
const numbers = [1, 2, 3, 4, 5, 6, 7, 2 ** 40, 2 ** 40 + 1]

const few = fc.integer({ min: 1, max: 3 })

/** Where an identifier is put, and what the projection tells of it. */
const put = fc.record({
  number: fc.constantFrom(...numbers),
  node: fc.constantFrom(-(2 ** 40), -2, -1, 1, 2, 2 ** 40),
  how: fc.constantFrom('remember', 'forget', 'forgetAll')
})

holds(
  t,
  'an identifier stands at its last node, whoever else was remembered in its place',
  fc.record({ first: few, more: fc.nat(4), puts: fc.array(put) }),
  ({ first, more, puts }) => {
    const db = memoryReadModel()
    const introduce = db.prepare(/* sql */ `
      INSERT INTO identifiers (number, kind, value, node, came)
      VALUES (:number, 'email', :number, -:number, 0)`)
    for (const number of numbers) introduce.run({ number })
    const move = db.prepare('UPDATE identifiers SET node = ? WHERE number = ?')
    const nodes = recentNodes(db, { first, most: first + more })
    const expected = new Map(numbers.map((number) => [number, -number]))
    for (const { number, node, how } of puts) {
      move.run(node, number)
      expected.set(number, node)
      if (how === 'remember') nodes.remember(number, node)
      if (how === 'forget') nodes.forget(number)
      if (how === 'forgetAll') nodes.forgetAll()
      for (const one of [number, ...numbers.slice(0, 3)]) same(nodes.of(one), expected.get(one))
    }
    db.close()
  }
)
