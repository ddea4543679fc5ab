type Kind = 'email' | 'phone'
type Pair = { readonly email: number | null; readonly phoneNumber: number | null }
type On<Type, Fields> = { readonly type: Type } & Readonly<Fields>
type Observed = Pair &
  On<'ContactObserved', { contact: number | null; introduces?: number[]; observedAt: number }>
type Fact =
  | Observed
  | On<'ObservationRetracted', { observation: number }>
  | On<'IdentifierBlocked' | 'IdentifierUnblocked', { identifier: number }>
  | On<'LinkForbidden' | 'LinkAllowed', { between: readonly number[] }>
  | On<'LinkAsserted' | 'AssertionWithdrawn', { between: readonly number[] }>
  | On<'SharingLimitSet', { kind: Kind; limit: number | null }>
type Outcome = On<'ContactsMerged' | 'ContactsSplit', object>

/** What the oracle needs of an event in a log, and of the identifiers that it names. */
export type Told<Event = Fact | Outcome> = {
  readonly position: number
  readonly recordedAt: number
  readonly event: Event
  readonly identifiers: readonly { number: number; kind: Kind; value: string }[]
}

/** The state that follows from a set of facts. */
export type Picture = ReturnType<typeof picture>

/**
 * What follows from these events by brute force, in whatever order and however often they are told,
 * for tests to hold the ledger against. It shares no code with the project and believes no outcome.
 */
export function picture(told: readonly Told[]) {
  const once = [...new Map(told.map((one) => [one.position, one])).values()]
  const facts = once.filter(isFact).sort((a, b) => a.position - b.position)
  const named = new Map(facts.flatMap((told) => told.identifiers).map((one) => [one.number, one]))
  const numbers = [...named.keys()]
  const [retracted, blocked] = [new Set<number>(), new Set<number>()]
  const [forbidden, asserted] = [new Set<string>(), new Set<string>()]
  const limits = new Map<Kind | undefined, number | null>()
  for (const { event } of facts) {
    if (event.type === 'ObservationRetracted') retracted.add(event.observation)
    if (event.type === 'IdentifierBlocked') blocked.add(event.identifier)
    if (event.type === 'IdentifierUnblocked') blocked.delete(event.identifier)
    if (event.type === 'LinkForbidden') forbidden.add(unordered(event.between))
    if (event.type === 'LinkAllowed') forbidden.delete(unordered(event.between))
    if (event.type === 'LinkAsserted') asserted.add(unordered(event.between))
    if (event.type === 'AssertionWithdrawn') asserted.delete(unordered(event.between))
    if (event.type === 'SharingLimitSet') limits.set(event.kind, event.limit)
  }

  const observations = facts.flatMap(({ position, event }) =>
    event.type === 'ContactObserved' ? [{ ...event, position, values: valuesOf(event) }] : []
  )
  const live = observations.filter(({ position }) => !retracted.has(position))
  const together = (a: number, b: number) =>
    live.some(({ values }) => values.includes(a) && values.includes(b))
  const sharing = (v: number) =>
    numbers.filter((w) => w !== v && together(v, w) && !forbidden.has(unordered([v, w]))).length
  const canLink = (v: number) =>
    !blocked.has(v) && sharing(v) <= (limits.get(named.get(v)?.kind) ?? Infinity)
  const linking = new Set(numbers.filter(canLink))
  const isLink = (a: number, b: number) =>
    (together(a, b) || asserted.has(unordered([a, b]))) &&
    !forbidden.has(unordered([a, b])) &&
    linking.has(a) &&
    linking.has(b)
  const links = new Map(numbers.map((a) => [a, numbers.filter((b) => isLink(a, b))]))

  /** What names the group of a home: the lowest number of its component, or the exact pair. */
  const groupAt = (home: number | string) => {
    if (typeof home === 'string') return home
    const component = new Set([home])
    for (const a of component) for (const b of links.get(a) ?? []) component.add(b)
    return Math.min(...component)
  }
  const homeOf = (pair: Pair) =>
    valuesOf(pair).find((v) => linking.has(v)) ?? `(${pair.email},${pair.phoneNumber})`
  const carriedSince = (v: number) =>
    live.find(({ values }) => values.includes(v))?.position ?? Infinity
  const homeOfContact = (row: Pair & { readonly position: number }) => {
    if (!retracted.has(row.position)) return homeOf(row)
    const carried = valuesOf(row).filter((v) => linking.has(v) && carriedSince(v) < Infinity)
    return carried.sort((a, b) => carriedSince(a) - carriedSince(b))[0] ?? homeOf(row)
  }

  const placed = live.map((one) => ({ group: groupAt(homeOf(one)), values: one.values }))
  const isListed = (v: number, group: number | string) =>
    placed.some((one) => one.group === group && one.values.includes(v))
  const firstSeen = (v: number) => observations.find(({ values }) => values.includes(v))?.position
  const everyone = observations.flatMap(({ contact: id, ...row }) => {
    if (id === null) return []
    const introduced = row.introduces ?? row.values.filter((v) => firstSeen(v) === row.position)
    const group = groupAt(homeOfContact(row))
    return [{ ...row, id, group, live: introduced.some((v) => isListed(v, group)) }]
  })
  everyone.sort((a, b) => a.id - b.id)

  const answer = (group: number | string) => {
    const members = everyone.filter((contact) => contact.live && contact.group === group)
    const [primaryContactId, ...secondaryContactIds] = members.map(({ id }) => id)
    if (primaryContactId === undefined) return null
    const listed = members.flatMap(({ values }) => values.filter((v) => isListed(v, group)))
    const values = (kind: Kind) =>
      [...new Set(listed)].flatMap((v) => named.get(v) ?? []).filter((one) => one.kind === kind)
    return {
      primaryContactId,
      emails: values('email').map(({ value }) => value),
      phoneNumbers: values('phone').map(({ value }) => value),
      secondaryContactIds
    }
  }
  const textOf = (number: number | null) => named.get(number ?? 0)?.value ?? null
  const contacts = everyone.map(({ id, group, live, ...row }) => {
    const primary = answer(group)?.primaryContactId ?? null
    const [email, phoneNumber] = [textOf(row.email), textOf(row.phoneNumber)]
    return [id, { email, phoneNumber, linkedId: primary === id ? null : primary, live }] as const
  })
  const groups = new Map(everyone.map(({ id, group }) => [id, group]))

  return {
    /** Every contact that was ever minted, by id. */
    contacts: new Map(contacts),
    /** The answers of all identities, by primary. */
    identities: [...new Set(groups.values())]
      .map(answer)
      .filter((identity) => identity !== null)
      .sort((a, b) => a.primaryContactId - b.primaryContactId),
    /** A name for a contact's group, to be compared with others of this picture only. */
    groupOf: (contact: number) => groups.get(contact),
    /** The same of the group in which an observation of these stands, or would if it were live. */
    groupAtHome: (pair: Pair) => groupAt(homeOf(pair)),
    /** The same of the group whose component an identifier belongs to; null where it can't link. */
    groupOfIdentifier: (v: number) => (linking.has(v) ? groupAt(v) : null),
    /** The answer at the home that an observation of these would have, without counting one. */
    answerFor(email: string | null, phoneNumber: string | null) {
      const numberOf = (kind: Kind, value: string | null) =>
        numbers.find((n) => named.get(n)?.kind === kind && named.get(n)?.value === value) ?? null
      const pair = { email: numberOf('email', email), phoneNumber: numberOf('phone', phoneNumber) }
      const unseen = [email, phoneNumber].filter((v) => v !== null).length > valuesOf(pair).length
      return unseen ? null : answer(groupAt(homeOf(pair)))
    }
  }
}

/** The outcomes that must follow the event that leads from one picture to the other. */
export function outcomesOf(before: Picture, after: Picture, cause: number) {
  const stayed = [...before.contacts.keys()].filter(
    (id) => before.contacts.get(id)?.live && after.contacts.get(id)?.live
  )
  const lowest = (contacts: readonly number[]) => Math.min(...contacts)
  const splits = parts(stayed, before).flatMap((members) => {
    const others = parts(members, after).slice(1)
    const parted = others.map((contacts) => ({ primary: lowest(contacts), contacts }))
    const type = 'ContactsSplit' as const
    return parted.length > 0 ? [{ type, identity: lowest(members), parted, cause }] : []
  })
  const merges = parts(stayed, after).flatMap((members) => {
    const absorbed = parts(members, before).slice(1).map(lowest)
    const type = 'ContactsMerged' as const
    return absorbed.length > 0 ? [{ type, survivor: lowest(members), absorbed, cause }] : []
  })
  return [...splits, ...merges]
}

/** What the log and the contacts must say, given the facts of a history in the order of its log. */
export function expected(history: readonly Told[]) {
  const facts = history.filter(isFact)
  const rows = new Map<number, Row>()
  let before = picture([])
  const events = facts.map((told, nth) => {
    const after = picture(facts.slice(0, nth + 1))
    for (const [id, state] of after.contacts) rows.set(id, rowAfter(told, id, state, rows.get(id)))
    const outcomes = outcomesOf(before, after, told.position)
    before = after
    return { position: told.position, ...minted(facts.slice(0, nth), told), outcomes }
  })
  return { events, contacts: [...rows.values()].sort((a, b) => a.id - b.id) }
}

/** Whether an event must mint a contact, and the numbers that the contact introduces. */
function minted(earlier: readonly Told[], told: Told<Fact>) {
  if (told.event.type !== 'ContactObserved') return { contactMinted: false, introduces: [] }
  const counted = picture([...earlier, { ...told, event: { ...told.event, contact: null } }])
  const textOf = (kind: Kind) => told.identifiers.find((one) => one.kind === kind)?.value ?? null
  const answer = counted.answerFor(textOf('email'), textOf('phone'))
  const known = [...(answer?.emails ?? []), ...(answer?.phoneNumbers ?? [])]
  const news = told.identifiers.filter(({ value }) => !known.includes(value))
  return { contactMinted: news.length > 0, introduces: news.map(({ number }) => number) }
}

type State = NonNullable<ReturnType<Picture['contacts']['get']>>
type Row = Omit<State, 'live'> & {
  readonly id: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly deletedAt: number | null
}

/** A contact's row after an event, from the one before; none means that the event minted it. */
function rowAfter({ event, recordedAt }: Told<Fact>, id: number, state: State, before?: Row): Row {
  const { live, ...row } = state
  const createdAt = before?.createdAt ?? (event as Observed).observedAt
  const deletedAt = live ? null : (before?.deletedAt ?? recordedAt)
  const same = before?.linkedId === row.linkedId && (before.deletedAt === null) === live
  const updatedAt = before && (same ? before.updatedAt : Math.max(createdAt, recordedAt))
  return { id, ...row, createdAt, updatedAt: updatedAt ?? createdAt, deletedAt }
}

/** Contacts by their groups in a picture. They come ascending, so the groups do by their lowest. */
function parts(contacts: readonly number[], { groupOf }: Picture) {
  const groups = [...new Set(contacts.map(groupOf))]
  return groups.map((group) => contacts.filter((id) => groupOf(id) === group))
}

function isFact(told: Told): told is Told<Fact> {
  return told.event.type !== 'ContactsMerged' && told.event.type !== 'ContactsSplit'
}

function valuesOf({ email, phoneNumber }: Pair) {
  return [email, phoneNumber].filter((v) => v !== null)
}

function unordered(between: readonly number[]) {
  return [...between].sort((a, b) => a - b).join(' ')
}
