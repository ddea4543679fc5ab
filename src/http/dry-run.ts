import { Type } from '@sinclair/typebox'

/** The query of a request that can be tried: with `dryRun`, the same answer, and nothing written. */
export const DryRun = Type.Object({
  dryRun: Type.Boolean({ default: false, description: 'true or false' })
})
