#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { readConfig } from '../src/config.ts'
import { LedgerError } from '../src/domain/errors.ts'
import { backup } from './backup.ts'
import { contact } from './contact.ts'
import { decisions } from './decisions.ts'
import { events } from './events.ts'
import { exportVerb } from './export.ts'
import { graph } from './graph.ts'
import { history } from './history.ts'
import { identity } from './identity.ts'
import { importVerb } from './import.ts'
import { importEvents } from './import-events.ts'
import { keys } from './keys.ts'
import { version } from './package.ts'
import { replay } from './replay.ts'
import { serve } from './serve.ts'
import { stats } from './stats.ts'
import { exit, type Io, printJson, type Verb } from './verb.ts'
import { verify } from './verify.ts'
import { why } from './why.ts'

const verbs: Readonly<Record<string, Verb>> = {
  serve,
  replay,
  verify,
  contact,
  identity,
  history,
  graph,
  why,
  events,
  stats,
  export: exportVerb,
  import: importVerb,
  'import-events': importEvents,
  backup,
  keys,
  ...decisions
}

/** Runs a command line in a world and returns its exit code. */
async function main(argv: readonly string[], io: Io): Promise<number> {
  let code: number = exit.done
  let json = false
  const program = new Command('ledger')
    .description('Tells which emails and phone numbers belong to one person, and proves why.')
    .version(version())
    .addHelpText(
      'after',
      '\nSettings come from the environment: HOST, PORT, LEDGER_DIR, LOG_LEVEL, PHONE_REGION, API_KEYS_FILE, RATE_LIMIT, LEDGER_TOKEN.\nExit codes: 0 done, 1 the answer is no or a check failed, 2 wrong usage, 3 the ledger cannot be opened; 130 and 143 if a signal ended an import.'
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text)
    })
    .showHelpAfterError('(see --help for usage)')
  for (const [name, verb] of Object.entries(verbs)) {
    const command = program.command(name).copyInheritedSettings(program)
    verb.describe(command).action(async () => {
      json = command.opts()['json'] === true
      code = await verb.run(io, command.opts(), ...command.args)
    })
  }
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    return explained(error, io, json)
  }
}

/** Says on the error stream what went wrong, in a document too if one was asked for, and tells the exit code. */
function explained(error: unknown, io: Io, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.usage
  if (!(error instanceof LedgerError)) throw error
  const { code, message, problems } = error
  io.err.write(`${message}\n`)
  for (const { path, message } of problems) io.err.write(`  ${path} ${message}\n`)
  if (code === 'invalid') return exit.usage
  if (code === 'cannot_open') return exit.cannotOpen
  // A damaged event may be met when half of the answer is written.
  if (json && code !== 'corrupt_log') printJson(io, { error: { code, message, problems } })
  return exit.no
}

// Whoever reads only the first lines of a listing has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exit.done)
  process.stderr.write(`The output can't be written: ${error.message}.\n`)
  process.exit(exit.no)
})

process.exitCode = await main(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  config: () => readConfig(process.env)
})
