import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Answered, refused, type Served, serve } from '../support/service.ts'

/** A body that is accepted, of so many bytes. */
function bodyOf(bytes: number) {
  const [start, end] = ['{"email":"doc@hillvalley.edu","padding":"', '"}']
  return start + '.'.repeat(bytes - start.length - end.length) + end
}

/** Tries something that must be refused, and asserts that the log did not grow. */
async function refuses(
  t: Test,
  ledger: Served,
  asked: Promise<Answered>,
  status: number,
  claim: string,
  at: readonly string[] | null = null
) {
  const before = await ledger.head()
  refused(t, await asked, status, claim, at)
  t.equal(await ledger.head(), before, `${claim}: nothing is recorded`)
}

t.test('a known phone with a new email makes the email a secondary', async (t) => {
  const ledger = await serve(t)
  t.strictSame(await ledger.identify('lorraine@hillvalley.edu', '123456'), {
    primaryContactId: 1,
    emails: ['lorraine@hillvalley.edu'],
    phoneNumbers: ['123456'],
    secondaryContactIds: []
  })
  const both = {
    primaryContactId: 1,
    emails: ['lorraine@hillvalley.edu', 'mcfly@hillvalley.edu'],
    phoneNumbers: ['123456'],
    secondaryContactIds: [2]
  }
  t.strictSame(await ledger.identify('mcfly@hillvalley.edu', '123456'), both)
  t.strictSame(await ledger.identify(null, '123456'), both, 'the phone alone finds both')
  t.strictSame(await ledger.identify('lorraine@hillvalley.edu'), both, 'so does the first email')
  t.strictSame(await ledger.identify('mcfly@hillvalley.edu'), both, 'and the second')
  const created = (await ledger.contact(2)).createdAt
  t.strictSame(await ledger.contact(2), {
    id: 2,
    phoneNumber: '123456',
    email: 'mcfly@hillvalley.edu',
    linkedId: 1,
    linkPrecedence: 'secondary',
    createdAt: created,
    updatedAt: created,
    deletedAt: null
  })
  t.equal(new Date(created).toISOString(), created, 'times are ISO 8601 in UTC')
  t.equal(await ledger.head(), 5, 'what is known already is recorded all the same')
})

t.test('a request that joins two primaries makes the younger a secondary', async (t) => {
  const ledger = await serve(t)
  await ledger.identify('george@hillvalley.edu', '919191')
  await ledger.identify('biffsucks@hillvalley.edu', '717171')
  await ledger.identify('biff@hillvalley.edu', '717171')
  const before = await ledger.contact(2)
  t.match(before, { linkedId: null, linkPrecedence: 'primary' })
  t.match(await ledger.contact(3), { linkedId: 2, linkPrecedence: 'secondary' })
  const elder = await ledger.contact(1)
  await pause(5)

  const merged = {
    primaryContactId: 1,
    emails: ['george@hillvalley.edu', 'biffsucks@hillvalley.edu', 'biff@hillvalley.edu'],
    phoneNumbers: ['919191', '717171'],
    secondaryContactIds: [2, 3]
  }
  t.strictSame(await ledger.identify('george@hillvalley.edu', '717171'), merged)

  const [observed, merge] = (await ledger.events()).slice(3)
  t.match(observed, {
    type: 'ContactObserved',
    data: { email: 'george@hillvalley.edu', phoneNumber: '717171', contact: null }
  })
  t.match(merge, { type: 'ContactsMerged', data: { survivor: 1, absorbed: [2], cause: 4 } })
  t.strictSame(
    await ledger.contact(2),
    { ...before, linkedId: 1, linkPrecedence: 'secondary', updatedAt: merge?.recordedAt },
    'the younger primary is demoted, and dated so'
  )
  t.ok(String(merge?.recordedAt) > before.updatedAt, 'later than it was made')
  t.match(
    await ledger.contact(3),
    { linkedId: 1, linkPrecedence: 'secondary', updatedAt: merge?.recordedAt },
    'its secondaries link straight to the elder'
  )
  t.strictSame(await ledger.contact(1), elder, 'the elder primary stays as it was')
  for (const id of [1, 2, 3]) {
    const { body } = await ledger.get(`/contacts/${id}`)
    t.strictSame((body as { identity: unknown }).identity, merged, `contact ${id} finds them all`)
  }
})

t.test('the elder stays primary when the younger is named first', async (t) => {
  const ledger = await serve(t)
  await ledger.identify(null, '919191')
  await ledger.identify('biffsucks@hillvalley.edu')
  t.strictSame(await ledger.identify('biffsucks@hillvalley.edu', '919191'), {
    primaryContactId: 1,
    emails: ['biffsucks@hillvalley.edu'],
    phoneNumbers: ['919191'],
    secondaryContactIds: [2]
  })
  const merge = (await ledger.events()).at(-1)
  t.match(merge, { type: 'ContactsMerged', data: { survivor: 1, absorbed: [2], cause: 3 } })
})

t.test('spellings of one value meet', async (t) => {
  const ledger = await serve(t)
  const first = await ledger.identify('Marty@HillValley.edu', 123456)
  t.strictSame(first, {
    primaryContactId: 1,
    emails: ['marty@hillvalley.edu'],
    phoneNumbers: ['123456'],
    secondaryContactIds: []
  })
  const spellings: [string | null, string | number | null][] = [
    ['marty@hillvalley.edu', '123456'],
    ['  MARTY@hillvalley.EDU\t', ' 123456 '],
    [null, '12-34.56'],
    [null, '(12) 34/56'],
    [null, 123456]
  ]
  for (const [email, phoneNumber] of spellings) {
    t.strictSame(await ledger.identify(email, phoneNumber), first, `${email}, ${phoneNumber}`)
  }
  t.strictSame(
    (await ledger.identify('marty+shop@hillvalley.edu')).primaryContactId,
    2,
    'a plus-tag is another email'
  )
  t.strictSame((await ledger.identify(null, '+123456')).phoneNumbers, ['+123456'], 'so is a +')
})

t.test('with a region, national and international phone numbers meet', async (t) => {
  const ledger = await serve(t, undefined, { phoneRegion: 'US' })
  const one = await ledger.identify(null, '(702) 919-1300')
  t.strictSame(one.phoneNumbers, ['+17029191300'])
  t.strictSame(await ledger.identify(null, '+1 702 919 1300'), one)
  t.strictSame(await ledger.identify(null, 7029191300), one)
  t.strictSame(
    (await ledger.identify(null, '123456')).phoneNumbers,
    ['123456'],
    'invalid: as it is'
  )
})

t.test('what is no value is absent', async (t) => {
  const ledger = await serve(t)
  const one = await ledger.identify('einstein@hillvalley.edu')
  for (const phoneNumber of [undefined, null, '', ' ', '\t\r\n ']) {
    const body = { email: 'einstein@hillvalley.edu', phoneNumber }
    t.strictSame((await ledger.post(body)).body, one, JSON.stringify(body))
  }
  for (const email of [undefined, null, '', '  ']) {
    const { status, body } = await ledger.post({ email, phoneNumber: 0 })
    t.match({ status, body }, { status: 200, body: { emails: [], phoneNumbers: ['0'] } })
  }
  const nothing = ['{}', '{"email":null}', '{"email":"","phoneNumber":" "}', '{"name":"Emmett"}']
  for (const body of nothing) await refuses(t, ledger, ledger.post(body), 400, body, [''])
})

t.test('unknown keys are ignored', async (t) => {
  const ledger = await serve(t)
  const answers = [
    '{"email":"doc@hillvalley.edu","name":"Emmett","age":65,"__v":[{}]}',
    '{"email":"doc@hillvalley.edu","__proto__":{"phoneNumber":"1"}}',
    '{"__proto__":null,"email":"doc@hillvalley.edu"}',
    '{"email":"doc@hillvalley.edu","constructor":{"prototype":{"phoneNumber":"1"}}}',
    '{"email":"doc@hillvalley.edu","toString":1,"hasOwnProperty":null,"Email":"other@b.c"}'
  ]
  for (const body of answers) {
    const { status, body: told } = await ledger.post(body)
    t.equal(status, 200, body)
    t.match(told, { primaryContactId: 1, emails: ['doc@hillvalley.edu'], phoneNumbers: [] }, body)
  }
  const hidden = '{"__proto__":{"email":"doc@hillvalley.edu"}}'
  await refuses(t, ledger, ledger.post(hidden), 400, 'a value under __proto__ is none', [''])
  t.notOk('email' in {}, 'no prototype is touched')
})

t.test('a value of a wrong type or form is refused, and pointed out', async (t) => {
  const ledger = await serve(t)
  const emails: unknown[] = [
    ...[1, 0, true, false, [], ['a@b.c'], {}, { length: 3 }],
    ...['marty', '@hillvalley.edu', 'marty@', 'a@b@c', 'a b@c.d', 'a@b\u0000', 'a\u0007@b'],
    ...['\ud800@b.c', `${'x'.repeat(250)}@b.cd`]
  ]
  const phones: unknown[] = [
    ...[1.5, -1, 2 ** 53, 1e300, true, [], ['1'], {}, { digits: 1 }],
    ...['abc', '+', '-', '1+2', '++1', '12a', '1;drop', '٣', '1'.repeat(21), '１２３']
  ]
  for (const email of emails) {
    const claim = `email ${JSON.stringify(email).slice(0, 20)}`
    await refuses(t, ledger, ledger.post({ email, phoneNumber: '1' }), 400, claim, ['/email'])
  }
  for (const phoneNumber of phones) {
    const body = { email: 'a@b.c', phoneNumber }
    const claim = `phone ${JSON.stringify(phoneNumber)}`
    await refuses(t, ledger, ledger.post(body), 400, claim, ['/phoneNumber'])
  }
  const worst = { email: [], phoneNumber: {} }
  const all = ['/email', '/phoneNumber']
  await refuses(t, ledger, ledger.post(worst), 400, 'wrong types are told at once', all)
  const forms = { email: 'a', phoneNumber: 'b' }
  await refuses(t, ledger, ledger.post(forms), 400, 'wrong forms are told at once', all)
  for (const body of ['null', '[]', '[{"email":"a@b.c"}]', '1', '"a@b.c"', 'true']) {
    await refuses(t, ledger, ledger.post(body), 400, `the body ${body}`, [''])
  }
  await refuses(t, ledger, ledger.post('{"phoneNumber":1e400}'), 400, 'a number without end')
  t.equal(await ledger.head(), 0)
})

t.test('the longest values are accepted', async (t) => {
  const ledger = await serve(t)
  const email = `${'x'.repeat(249)}@b.cd`
  t.strictSame((await ledger.identify(email)).emails, [email], 'an email of 254 characters')
  const phone = '9'.repeat(20)
  t.strictSame((await ledger.identify(null, phone)).phoneNumbers, [phone], 'a phone of 20 digits')
  const { phoneNumbers } = await ledger.identify(null, Number.MAX_SAFE_INTEGER)
  t.strictSame(phoneNumbers, ['9007199254740991'], 'the greatest safe integer')
})

t.test('what is no JSON in UTF-8 is refused', async (t) => {
  const ledger = await serve(t)
  const malformed = [
    '{',
    '',
    '{"email":"a@b.c"',
    "{'email':'a@b.c'}",
    '{"email":}',
    'a@b.c',
    '{}{}'
  ]
  for (const body of malformed) {
    await refuses(t, ledger, ledger.post(body), 400, `the body ${JSON.stringify(body)}`)
  }
  const latin1 = Buffer.from('{"email":"andré@hillvalley.edu"}', 'latin1')
  await refuses(t, ledger, ledger.post(latin1), 400, 'a body in Latin-1')
  const utf16 = Buffer.from('{"email":"a@b.c"}', 'utf16le')
  await refuses(t, ledger, ledger.post(utf16), 400, 'a body in UTF-16')
  const surrogate = Buffer.from('{"email":"\xed\xa0\x80@b.c"}', 'latin1')
  await refuses(t, ledger, ledger.post(surrogate), 400, 'half a character')
  t.match((await ledger.post('{"email":"andré@hillvalley.edu"}')).body, {
    emails: ['andré@hillvalley.edu']
  })
})

t.test('a body has at most 16 KiB', async (t) => {
  const ledger = await serve(t)
  t.equal((await ledger.post(bodyOf(16_384))).status, 200, 'exactly 16 KiB')
  const tooLarge = bodyOf(16_385)
  await refuses(t, ledger, ledger.post(tooLarge), 413, 'one byte more')
  const chunked = ledger.post(tooLarge, { 'transfer-encoding': 'chunked' })
  await refuses(t, ledger, chunked, 413, 'one byte more, in chunks of unknown length')
  const wide = JSON.stringify({ email: 'a@b.c', padding: 'é'.repeat(8_190) })
  await refuses(t, ledger, ledger.post(wide), 413, 'bytes count, not characters')
})

t.test('a body of another media type is refused', async (t) => {
  const ledger = await serve(t)
  const json = '{"email":"a@b.c"}'
  const others = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/problem+json',
    'text/html; application/json',
    'json',
    ';'
  ]
  for (const type of others) {
    await refuses(t, ledger, ledger.post(json, { 'content-type': type }), 415, type)
  }
  for (const type of ['application/json; charset=utf-8', 'Application/JSON']) {
    t.equal((await ledger.post(json, { 'content-type': type })).status, 200, type)
  }
})

t.test('a key replays its request, and no other', async (t) => {
  const ledger = await serve(t)
  const key = { 'idempotency-key': 'order-1' }
  const body = { email: 'jen@hillvalley.edu', phoneNumber: 555 }
  const first = await ledger.post(body, key)
  t.equal(first.status, 200)
  t.equal(await ledger.head(), 1)
  t.strictSame((await ledger.post(body, key)).body, first.body, 'the same body is replayed')
  const spelled = { phoneNumber: '5-5-5', email: ' JEN@hillvalley.edu', source: 'retry' }
  t.strictSame((await ledger.post(spelled, key)).body, first.body, 'in any spelling')
  t.equal(await ledger.head(), 1, 'and nothing is recorded again')
  t.match((await ledger.events())[0], { data: { idempotencyKey: 'order-1' } })

  await ledger.identify('parker@hillvalley.edu', 555)
  t.strictSame(
    (await ledger.post(body, key)).body,
    {
      primaryContactId: 1,
      emails: ['jen@hillvalley.edu', 'parker@hillvalley.edu'],
      phoneNumbers: ['555'],
      secondaryContactIds: [2]
    },
    'a replay answers with the identity as it stands'
  )
  const others = [
    { email: 'jen@hillvalley.edu' },
    { phoneNumber: 555 },
    { email: 'parker@hillvalley.edu', phoneNumber: 555 },
    { email: 'new@hillvalley.edu', phoneNumber: 555 },
    { email: 'jen@hillvalley.edu', phoneNumber: 556 }
  ]
  for (const other of others) {
    await refuses(t, ledger, ledger.post(other, key), 422, `another body ${JSON.stringify(other)}`)
  }
  const again = await ledger.post(body, { 'idempotency-key': 'Order-1' })
  t.equal(again.status, 200)
  t.equal(await ledger.head(), 3, 'another key records the same body again')
})

t.test('a refused request does not use up its key', async (t) => {
  const ledger = await serve(t)
  const key = { 'idempotency-key': 'order-2' }
  await refuses(t, ledger, ledger.post({ email: 'jen' }, key), 400, 'a malformed email')
  t.equal((await ledger.post({ email: 'jen@hillvalley.edu' }, key)).status, 200)
})

t.test('a key has 1 to 255 visible ASCII characters', async (t) => {
  const ledger = await serve(t)
  const body = { email: 'a@b.c' }
  for (const key of ['!', '~', 'x'.repeat(255), '{"a":1}', "';--"]) {
    t.equal((await ledger.post(body, { 'idempotency-key': key })).status, 200, key.slice(0, 9))
  }
  for (const key of ['', 'two words', 'x'.repeat(256), 'clé', 'tab\tbed', ['a', 'b']]) {
    const asked = ledger.post(body, { 'idempotency-key': key })
    const at = ['/headers/idempotency-key']
    await refuses(t, ledger, asked, 400, `the key ${JSON.stringify(key).slice(0, 12)}`, at)
  }
})
