import t from 'tap'
import { nameOf, normaliseEmail, normalisePhone } from '../../src/domain/identifier.ts'
import { canonicalPhone } from '../../src/phone-region.ts'

const asGiven = canonicalPhone(null)
const inUs = canonicalPhone('US')
const phone = (given: unknown) => normalisePhone(given, asGiven)

const noText = { refused: 'must be a string or null' }
const tooLong = { refused: 'must have at most 254 characters' }
const blanks = { refused: 'must not contain blanks or control characters' }
const noAddress = { refused: 'must have exactly one @ with something on both sides' }
const noPhone = { refused: 'must be a string, a non-negative safe integer, or null' }
const noDigits = {
  refused: 'must have 1 to 20 digits beside blanks, dashes, dots, slashes, parentheses, a leading +'
}

t.test('an email is trimmed and lower-cased, and nothing else', async (t) => {
  t.equal(normaliseEmail('  George@HillValley.EDU\t'), 'george@hillvalley.edu')
  t.equal(normaliseEmail('Mc.Fly+diary@gmail.com'), 'mc.fly+diary@gmail.com', 'no folding')
  t.equal(normaliseEmail('ÄÖ@BÜCHER.example'), 'äö@bücher.example', 'letters of any script')
})

t.test('null, undefined, the empty string and blanks mean that a value is absent', async (t) => {
  for (const absent of [null, undefined, '', '  ', ' \t\r\n ', '\u00a0']) {
    t.equal(normaliseEmail(absent), null)
    t.equal(phone(absent), null)
  }
})

t.test('an email has at most 254 characters, counted after trimming', async (t) => {
  const longest = `${'a'.repeat(252)}@b`
  t.equal(normaliseEmail(` ${longest} `), longest)
  t.same(normaliseEmail(`a${longest}`), tooLong)
})

t.test('an email has exactly one @ with something on both sides', async (t) => {
  t.equal(normaliseEmail('a@b'), 'a@b')
  for (const wrong of ['a', '@', 'a@', '@b', 'a@@b', 'a@b@c']) {
    t.same(normaliseEmail(wrong), noAddress, wrong)
  }
})

t.test('an email has no blanks, control characters or halves of characters', async (t) => {
  for (const inside of [' ', '\t', '\n', '\u00a0', '\u2028', '\0', '\u001f', '\u007f', '\u0085']) {
    t.same(normaliseEmail(`a${inside}b@c`), blanks, encodeURIComponent(inside))
  }
  t.same(normaliseEmail('a\ud800@b'), { refused: 'must be valid Unicode' }, 'a lone surrogate')
  t.equal(normaliseEmail('\u{1f600}@b'), '\u{1f600}@b', 'a surrogate pair is a character')
})

t.test('an email that is no text is refused', async (t) => {
  for (const wrong of [1, true, {}, ['a@b']]) t.same(normaliseEmail(wrong), noText)
})

t.test('a phone number is its digits, whatever stands between them', async (t) => {
  t.equal(phone('123456'), '123456')
  t.equal(phone(' (030) 12/34-56.78 '), '03012345678')
  t.equal(phone('12\u201334\u201456\u00a078'), '12345678', 'dashes and blanks of any kind')
  t.equal(phone('+49 (30) 1234'), '+49301234', 'a leading + is kept')
  t.equal(phone('(+49) 30'), '+4930', 'even in parentheses')
  t.equal(phone('007'), '007', 'leading zeros are kept')
})

t.test('a phone number may be a non-negative safe integer', async (t) => {
  t.equal(phone(717171), '717171')
  t.equal(phone(0), '0')
  t.equal(phone(-0), '0')
  t.equal(phone(Number.MAX_SAFE_INTEGER), '9007199254740991')
  for (const wrong of [-1, 1.5, 2 ** 53, 1e21, Infinity, NaN, 5n, true, {}, ['1']]) {
    t.same(phone(wrong), noPhone, String(wrong))
  }
})

t.test('a phone number has 1 to 20 digits and nothing else', async (t) => {
  t.equal(phone('1'), '1')
  t.equal(phone(`+${'1'.repeat(20)}`), `+${'1'.repeat(20)}`)
  for (const wrong of ['1'.repeat(21), '+', '-', '()', '1+2', '++1', '12a', '1e5', '٣٤', '1\0']) {
    t.same(phone(wrong), noDigits, JSON.stringify(wrong))
  }
})

t.test('with a region, every spelling of one valid number is one number', async (t) => {
  for (const spelling of ['+1 702 919 1300', '(702) 919-1300', '7029191300', 7029191300]) {
    t.equal(normalisePhone(spelling, inUs), '+17029191300')
  }
  t.equal(normalisePhone('+49 30 901820', inUs), '+4930901820', 'abroad')
})

t.test('with a region, a number that is not valid stays as it is', async (t) => {
  for (const invalid of ['123456', '0000000000', '+1 555 0100', '99999999999999999999']) {
    t.equal(normalisePhone(invalid, inUs), phone(invalid))
  }
})

t.test('an identifier is written as its kind and its value', async (t) => {
  t.equal(nameOf({ kind: 'email', value: 'a@b' }), 'email:a@b')
  t.equal(nameOf({ kind: 'phone', value: '+1' }), 'phone:+1')
})
