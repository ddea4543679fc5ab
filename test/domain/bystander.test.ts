import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { decide, type Knowledge } from '../../src/domain/decide.ts'
import type { ContactObserved, Recorded } from '../../src/domain/event.ts'
import { type Group, oldestLive } from '../../src/domain/groups.ts'
import { knowledgeOf } from '../../src/domain/knowledge.ts'
import { emptyNeighbourhood } from '../../src/domain/neighbourhood.ts'
import { reshape } from '../../src/domain/reshape.ts'
import { nextOf } from '../../src/step.ts'
import {
  afterTelling,
  aroundMailbox,
  between,
  type Command,
  limit,
  mailbox,
  on,
  retract,
  see,
  type Teller
} from '../support/decided-histories.ts'
import { asked } from '../support/histories.ts'
import { holds } from '../support/holds.ts'

/** What is decided of a request next, with what is known of a bystander or without. */
function decidedNext({ view }: Teller, email: string, phone: string) {
  const [known, request] = [emptyNeighbourhood(view.limits()), asked(email, phone)]
  view.load(known, [request])
  const knowledge = knowledgeOf(known, request)
  const { say } = knowledge
  const [next, evidence] = [nextOf(view, 0), () => view.evidence]
  const here = decide(knowledge, request, next, evidence)
  const alone: Knowledge =
    say.is === 'certain' ? { ...knowledge, say: { ...say, bystander: null } } : knowledge
  const onEvidence = decide(alone, request, next, evidence)
  const aside = say.is === 'certain' && here.reshaping === null && here.repeats === undefined
  return { here, onEvidence, aside }
}

/** Who stands where, and what each contact shows there. */
const shown = (groups: readonly Group[]) =>
  new Map(
    groups.flatMap((group) =>
      group.contacts.map(({ id, live, listsEmail, listsPhoneNumber }) => [
        id,
        [oldestLive(group)?.id, live, listsEmail, listsPhoneNumber]
      ])
    )
  )

holds(
  t,
  'beside a bystander the same is decided as on the evidence, and nobody else moves or shows more',
  fc.tuple(aroundMailbox, fc.constantFrom('1', '2', '3')),
  ([told, phone]) =>
    afterTelling(told, (teller) => {
      const { here, onEvidence, aside } = decidedNext(teller, mailbox, phone)
      same(here.events, onEvidence.events)
      if (!aside) return
      const [seen] = here.events as [Recorded<ContactObserved>]
      const { before, after } = reshape(teller.view.evidence, seen)
      const is = shown(after)
      if (seen.event.contact !== null) is.delete(seen.event.contact)
      same(is, shown(before))
    })
)

/** What is recorded of a request after these commands; null where nobody is taken for a bystander. */
const recorded = (told: readonly Command[], email: string, phone: string) =>
  afterTelling(told, (teller) => {
    const { here, aside } = decidedNext(teller, email, phone)
    const [{ event }] = here.events as [Recorded<ContactObserved>]
    return aside ? { contact: event.contact, introduces: event.introduces } : null
  })

const shop = [see('shop@x', '1'), see('a@x', '2'), on('IdentifierBlocked', 'shop@x')]

t.test('who gives the shop’s mailbox is known by the phone', async (t) => {
  t.same(recorded(shop, 'shop@x', '2'), { contact: 3, introduces: [1] })
  const known = { contact: null, introduces: undefined }
  t.same(recorded([...shop, see('shop@x', '2')], 'shop@x', '2'), known)
  const listed = [...shop, see('shop@x', '2'), see('a@x', '3')]
  t.same(recorded(listed, 'shop@x', '3'), known)
})

t.test('a stranger who gives it begins an identity', async (t) => {
  t.same(recorded(shop, 'shop@x', '4'), { contact: 3, introduces: [1, 5] })
  const desk = [see('a@x', '0'), on('IdentifierBlocked', '0')]
  t.same(recorded(desk, 'b@x', '0'), { contact: 2, introduces: [3, 2] })
})

t.test('what is shared with too many stands by as well', async (t) => {
  const shared = [see('shop@x', '1'), see('shop@x', '2'), see('a@x', '3'), limit('email', 1)]
  t.same(recorded(shared, 'shop@x', '3'), { contact: 4, introduces: [1] })
})

t.test('who gives it beside an identity that hides somebody else shows nobody', async (t) => {
  const hidden = [...shop, see('b@x', '2'), retract(4)]
  t.same(recorded(hidden, 'shop@x', '2'), { contact: 4, introduces: [1] })
})

t.test('nobody is taken for a bystander where more could change', async (t) => {
  const retracted = [...shop, see('shop@x', '2'), retract(4)]
  t.equal(recorded(retracted, 'shop@x', '2'), null, 'the contact of before comes back')
  t.equal(recorded([...shop, limit('phone', 1)], 'shop@x', '2'), null, 'the phone may be full')
  const both = [...shop, on('IdentifierBlocked', '2')]
  t.equal(recorded(both, 'shop@x', '2'), null, 'neither can link')
  const forgotten = [see('a@x', '1'), see('b@x', '2'), retract(1)]
  t.equal(recorded(forgotten, 'a@x', '2'), null, 'it can link, though nobody carries it')
  const none = [...shop, limit('phone', 0)]
  t.equal(recorded(none, 'shop@x', '9'), null, 'the phone is new, and full at once')
})

t.test('a forbidden link makes no difference to a value that stands by', async (t) => {
  const forbidden = [...shop, between('LinkForbidden', 'shop@x', '2')]
  t.same(recorded(forbidden, 'shop@x', '2'), { contact: 3, introduces: [1] })
})
