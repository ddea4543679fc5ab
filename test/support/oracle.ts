/** A request as the statement has it: an email, a phone, or both. */
type Request = { readonly email: string | null; readonly phoneNumber: string | null }
type Row = Request & { readonly id: number }

/**
 * The answers of `/identify` by brute force, for tests to hold the ledger against. It shares no code
 * with the project: it keeps every request, and on each one searches through all of them again.
 */
export function oracle() {
  const requests: Request[] = []
  const rows: Row[] = []

  /** Every value that a chain of requests leads to from these. */
  const reach = (values: readonly string[]) => {
    const reached = new Set(values)
    for (let before = -1; before !== reached.size; ) {
      before = reached.size
      for (const request of requests) {
        if (!valuesOf(request).some((value) => reached.has(value))) continue
        for (const value of valuesOf(request)) reached.add(value)
      }
    }
    return reached
  }

  return {
    identify(request: Request) {
      const seen = new Set(requests.flatMap(valuesOf))
      const bringsNews = valuesOf(request).some((value) => !seen.has(value))
      if (bringsNews) rows.push({ ...request, id: rows.length + 1 })
      requests.push(request)
      const reached = reach(valuesOf(request))
      const mine = rows.filter((row) => valuesOf(row).some((value) => reached.has(value)))
      const [primaryContactId, ...secondaryContactIds] = mine.map(({ id }) => id)
      return {
        primaryContactId,
        emails: distinct(mine.map(({ email }) => email)),
        phoneNumbers: distinct(mine.map(({ phoneNumber }) => phoneNumber)),
        secondaryContactIds
      }
    }
  }
}

function valuesOf({ email, phoneNumber }: Request) {
  return distinct([email, phoneNumber])
}

function distinct(values: readonly (string | null)[]) {
  return [...new Set(values.filter((value) => value !== null))]
}
