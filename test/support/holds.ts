import fc from 'fast-check'
import type { Test } from 'tap'

/** How many cases a property is tried on. */
const numRuns = 1_000

/** A tap test that holds for all of `over`. `check` must throw or return false when it does not. */
export function holds<A>(
  t: Test,
  claim: string,
  over: fc.Arbitrary<A>,
  check: (a: A) => unknown,
  parameters: fc.Parameters<[A]> = {}
) {
  return t.test(claim, async (t) => {
    const property = fc.asyncProperty(over, async (a) => (await check(a)) !== false)
    const details = await fc.check(property, {
      numRuns,
      includeErrorInReport: true,
      ...parameters
    })
    t.equal(details.failed, false, fc.defaultReportMessage(details) ?? `${details.numRuns} cases`)
  })
}
