import type { ContactId } from './event.ts'
import { type Graph, type Home, homeOf, homeOfContact, type Values } from './graph.ts'
import { type Group, groupAmong, groupsOf } from './groups.ts'
import { regionAround } from './region.ts'

/** The group at a home, in whole. Costs what that group costs. */
export function groupAt(graph: Graph, home: Home): Group {
  return groupAmong(groupsOf(graph, regionAround(graph, graph, [home])), home)
}

/** The group in which an observation of these values would stand, were it not counted. */
export function groupOfValues(graph: Graph, values: Values): Group {
  return groupAt(graph, homeOf(graph, values))
}

/** The group of a contact that these values minted. */
export function groupOfContact(graph: Graph, values: Values, contact: ContactId): Group | null {
  const minted = graph.pair(values).contacts.find(({ id }) => id === contact)
  return minted === undefined ? null : groupAt(graph, homeOfContact(graph, values, minted))
}
