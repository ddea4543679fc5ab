import type { Graph } from '../../src/domain/graph.ts'
import type { Limits } from '../../src/domain/neighbourhood.ts'

/** The sharing limits as they stand; Infinity for none. */
export function limitsOf(graph: Graph): Limits {
  return { email: graph.limit('email') ?? Infinity, phone: graph.limit('phone') ?? Infinity }
}
