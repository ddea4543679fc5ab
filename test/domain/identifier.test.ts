import t from 'tap'
import { normaliseEmail } from '../../src/domain/identifier.ts'

t.equal(normaliseEmail('  A@B.c '), 'a@b.c', 'an email is trimmed and lower-cased')
