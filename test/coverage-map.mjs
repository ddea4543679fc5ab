import { readdirSync } from 'node:fs'

const domain = readdirSync('src/domain').map((file) => `src/domain/${file}`)

/** The domain's tests must cover all of the domain; the shell is not measured. */
export default (test) => (test.startsWith('test/domain/') ? domain : null)
