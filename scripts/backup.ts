import { readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { sync } from '../projections/sync.ts'
import { LedgerError } from '../src/domain/errors.ts'
import { checkCopy, copyLog } from '../src/log/backup.ts'
import { diskFault } from './disk-fault.ts'
import { makeFolder } from './make-folder.ts'
import { withProgress } from './progress.ts'
import { putInPlace } from './put-in-place.ts'
import { secondsSince } from './seconds-since.ts'
import { exit, type Io, print, printJson, type Verb } from './verb.ts'
import { filesOf } from './wiring.ts'

/** Copies a ledger, whoever writes it, and checks the copy. */
export const backup: Verb = {
  describe: (command) =>
    command
      .summary('copy the ledger into a new folder, and check the copy')
      .description(
        'Copies the ledger as it is at this moment into a new or empty folder, checks the file, reads every event of it back, and syncs it to disk; safe beside a running server. The folder is a ledger itself: it holds the log, and its read model is built at the first start.'
      )
      .argument('<folder>', 'the folder to copy to; it must be new or empty')
      .option('--json', 'print {"file", "events", "bytes", "seconds"}'),

  async run(io, { json }, folder = '') {
    const config = io.config()
    const [from, file] = [filesOf(config).log, filesOf({ ledgerDir: resolve(folder) }).log]
    const started = performance.now()
    const events = await intoFolder(resolve(folder), async () => {
      const part = `${file}.part`
      const head = await copied(io, from, part)
      putInPlace(part, file)
      return head
    })
    const { size: bytes } = statSync(file)
    const seconds = secondsSince(started)
    if (json) printJson(io, { file, events, bytes, seconds })
    else {
      print(
        io,
        `Copied ${events} events (${bytes} bytes, ${seconds} s) to ${file}, and read all of them back.`,
        'To restore them: stop the server, move its folder',
        `  ${resolve(config.ledgerDir)}`,
        'away, copy this one to its place, and start the server, which rebuilds the read model.'
      )
    }
    return exit.done
  }
}

/** Copies a log and checks the copy; tells its head. */
async function copied(io: Io, from: string, to: string): Promise<number> {
  await withProgress(io, 'copy', ({ progress }) => copyLog(from, to, progress), 'pages')
  return withProgress(io, 'check', ({ progress }) => checkCopy(to, progress))
}

/** Fills a new or empty folder, and leaves it as it was found when that fails. */
async function intoFolder<T>(folder: string, fill: () => Promise<T>): Promise<T> {
  try {
    const made = makeFolder(folder)
    if (readdirSync(folder).length > 0) {
      throw new LedgerError('conflict', `The folder ${folder} is not empty.`)
    }
    try {
      const filled = await fill()
      sync(dirname(folder))
      return filled
    } catch (error) {
      if (made === undefined) clear(folder)
      else rmSync(made, { recursive: true })
      throw error
    }
  } catch (error) {
    throw diskFault(error, `The backup can't be written to ${folder}`)
  }
}

function clear(folder: string) {
  for (const name of readdirSync(folder)) rmSync(join(folder, name))
}
