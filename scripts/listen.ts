import type { Config } from '../src/config.ts'
import { LedgerError } from '../src/domain/errors.ts'
import { codeOf } from '../src/error-code.ts'
import type { App } from '../src/http/app.ts'

/** How many new connections may wait to be accepted; the system may allow fewer. */
const backlog = 4_096

/** Has an app listen, and tells its address. Throws `unavailable`, saying what is in the way. */
export async function listen(app: App, { host, port }: Config): Promise<string> {
  try {
    return await app.listen({ host, port, backlog })
  } catch (error) {
    const code = codeOf(error) || error
    const reasons: Readonly<Record<string, string>> = {
      EADDRINUSE: 'another program uses that port; choose another with PORT',
      EACCES: 'this user may not use that port; choose another with PORT',
      EADDRNOTAVAIL: 'this machine has no such address; choose another with HOST',
      ENOTFOUND: 'no such host is known; choose another with HOST'
    }
    const reason = reasons[String(code)] ?? `the system says ${code}`
    throw new LedgerError('unavailable', `Can't listen on ${host}:${port}: ${reason}.`)
  }
}
