import type { AskedDecision } from '../../src/decision.ts'

/** Something that happens in the demonstration: an order, or a decision. */
export type Happening = { readonly day: number } & (
  | { readonly email: string | null; readonly phoneNumber: string | null; readonly source: string }
  | { readonly decision: AskedDecision }
)

const shops = ['zamazon', 'fluxkart', 'hill-valley-hardware'] as const

/** An order in one of the shops, by its number. */
export function order(
  day: number,
  email: string | null,
  phoneNumber: string | null,
  shop = 0
): Happening {
  return { day, email, phoneNumber, source: shops[shop % shops.length] ?? shops[0] }
}

/** A decision of that day. */
export function decided(day: number, decision: AskedDecision): Happening {
  return { day, decision }
}
