import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { among } from '../src/concerned.ts'
import { holds } from './support/holds.ts'

const number = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constantFrom(2 ** 31, 2 ** 40))

holds(
  t,
  'an array in ascending order is searched as the set that it is',
  fc.record({ numbers: fc.uniqueArray(number), asked: fc.array(number) }),
  ({ numbers, asked }) => {
    const [set, concerned] = [new Set(numbers), among(Float64Array.from(numbers).sort())]
    same(concerned.size, set.size)
    for (const one of [...numbers, ...asked]) same(concerned.has(one), set.has(one))
  }
)
