/** What the service refused, in its own words (RFC 9457). */
export class Refusal extends Error {
  readonly status: number
  readonly problems: readonly { readonly path: string; readonly message: string }[]

  constructor(status: number, detail: string, problems: Refusal['problems'] = []) {
    super(detail)
    this.status = status
    this.problems = problems
  }
}

/** Why something was refused, for whoever has to mend it. */
export function reasonsOf(error: unknown): string[] {
  if (!(error instanceof Refusal)) return [error instanceof Error ? error.message : String(error)]
  const problems = error.problems.map(({ path, message }) => ` ${path.slice(1)} ${message}.`)
  return [error.message, ...problems]
}
