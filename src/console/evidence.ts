import type { IdentityGraph } from '../identity-graph.ts'

/** What a drawing and the tables beside it show: the values of one identity or two, and their links. */
export type Evidence = Pick<IdentityGraph, 'nodes' | 'links'>
