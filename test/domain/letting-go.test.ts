import t from 'tap'
import { letGo, relieved } from '../../src/domain/letting-go.ts'
import { emptyNeighbourhood, place, settle } from '../../src/domain/neighbourhood.ts'

/** A neighbourhood of identities of so many contacts each; every first value is in its place. */
function holding(...sizes: number[]) {
  const known = emptyNeighbourhood({ email: Infinity, phone: Infinity })
  let id = 0
  for (const size of sizes) {
    const contacts = Array.from({ length: size }, () => {
      id++
      return { id, email: `${id}@x`, phoneNumber: null }
    })
    const value = `${id - size + 1}@x`
    const at = { number: id, group: settle(known, contacts), room: 0, contested: false }
    place(known, value, at)
  }
  return known
}

const sizesOf = ({ groups }: ReturnType<typeof holding>) =>
  [...groups.values()].map(({ contacts }) => contacts.length)

t.test('what holds no more than it may goes on as it is', async (t) => {
  const known = holding(3, 1)
  t.equal(relieved(known, { held: known.size, kept: 2 }), known)
})

t.test('what holds too much keeps the largest identities that fill half of it', async (t) => {
  const known = holding(1, 4, 2, 9, 3)
  const next = relieved(known, { held: 18, kept: 2 })
  t.same([sizesOf(next), next.size, next.places.size], [[9], 9, 0])
  t.same(sizesOf(relieved(known, { held: 23, kept: 2 })), [9, 2], 'what goes in beside them')
  t.same(sizesOf(relieved(known, { held: 23, kept: 3 })), [9], 'but no small ones')
  t.same(sizesOf(relieved(known, { held: 4, kept: 2 })), [9], 'the largest one however large it is')
})

t.test('an identity that was kept is let go by its primary, with its values', async (t) => {
  const kept = relieved(holding(3, 4), { held: 8, kept: 2 })
  t.same(sizesOf(kept), [4])
  letGo(kept, { values: [], primaries: [9] })
  t.same(kept.size, 4, 'nobody is known by that one')
  letGo(kept, { values: ['1@x'], primaries: [4] })
  t.same([sizesOf(kept), kept.size, [...kept.stale]], [[], 0, ['1@x']])

  for (const contacts of [2, 5]) {
    const placed = holding(contacts, 1)
    letGo(placed, { values: [], primaries: [1] })
    t.same([sizesOf(placed), placed.size, [...placed.stale]], [[1], 2, ['1@x']])
  }
})

t.test('a value that no contact shows goes by itself, if not with its identity', async (t) => {
  for (const [contacts, left] of [
    [2, 1],
    [5, 0]
  ] as const) {
    const known = holding(contacts)
    const group = known.groups.get(1) ?? null
    place(known, 'listed@x', { number: 9, group, room: 0, contested: false })
    letGo(known, { values: [], primaries: [1] })
    t.same([known.places.size, known.size], [left, left])
    letGo(known, { values: ['listed@x'], primaries: [] })
    t.same([known.places.size, known.groups.size, known.size], [0, 0, 0])
  }
})
