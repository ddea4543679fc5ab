import type { Command } from 'commander'
import type { Config } from '../src/config.ts'

/** What a verb is told and writes to; files, standard input and signals it takes by itself. */
export type Io = {
  readonly out: NodeJS.WritableStream
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean }
  /** The settings; throws `invalid` when they are wrong. */
  config(): Config
}

/** How a verb ends: done; the answer is no or a check failed; wrong usage; the ledger can't be opened. */
export const exit = { done: 0, no: 1, usage: 2, cannotOpen: 3 } as const

/** A verb of the command line: what it takes, and how it runs, up to an exit code. */
export type Verb = {
  /** Adds its help, arguments and options. */
  describe(command: Command): Command
  run(io: Io, options: Options, ...args: (string | undefined)[]): Promise<number>
}

/** The options that were given, by name. */
export type Options = Readonly<Record<string, string | boolean | undefined>>

/** Writes a document for programs to standard output. */
export function printJson(io: Io, document: unknown) {
  io.out.write(`${JSON.stringify(document)}\n`)
}

/** Writes lines for people to standard output. */
export function print(io: Io, ...lines: readonly string[]) {
  io.out.write(lines.map((line) => `${line}\n`).join(''))
}
