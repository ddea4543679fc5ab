import { LedgerError } from '../src/domain/errors.ts'
import { codeOf } from '../src/error-code.ts'

/** A fault of the disk in an operator's words, of what can't be done; any other error as it is. */
export function diskFault(error: unknown, what: string): unknown {
  const code = codeOf(error)
  if (error instanceof LedgerError || !/^E[A-Z]+$/.test(code)) return error
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk is full',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the disk is read-only',
    ENOENT: 'there is no such file or folder',
    ENOTDIR: 'there is no such folder',
    EEXIST: 'a file of that name exists',
    EISDIR: 'it is a folder'
  }
  return new LedgerError('unavailable', `${what}: ${reasons[code] ?? `the system says ${code}`}.`)
}
