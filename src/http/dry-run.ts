import { Type } from '@sinclair/typebox'

/**
 * The query of a request that can be tried: with `dryRun`, the same answer, and nothing written. Of
 * another spelling the request would be made, so anything else is refused.
 */
export const DryRun = Type.Object(
  { dryRun: Type.Boolean({ default: false, description: 'true or false' }) },
  { additionalProperties: false }
)
