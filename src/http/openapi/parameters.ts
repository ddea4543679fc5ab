/** What the parameters of URLs mean, by name, where their schemas do not say it; and an example of each. */
export const parameters: Readonly<Record<string, { description?: string; example: unknown }>> = {
  id: { example: 1 },
  identifier: { description: 'email:ADDRESS or phone:NUMBER', example: 'phone:717171' },
  email: { description: 'an email', example: 'george@hillvalley.edu' },
  phoneNumber: { description: 'a phone number; its `+` as `%2B`', example: '919191' },
  from: { description: 'contact:ID, email:ADDRESS or phone:NUMBER', example: 'contact:1' },
  to: {
    description: 'contact:ID, email:ADDRESS or phone:NUMBER',
    example: 'email:biffsucks@hillvalley.edu'
  },
  asOf: {
    description: 'the answer as it was at a position of the log, or at a time in ISO 8601',
    example: '2026-01-31T12:00:00Z'
  },
  after: { example: 0 },
  limit: { example: 100 },
  type: { example: 'ContactsMerged,ContactsSplit' },
  contact: { example: 1 },
  dryRun: { example: true },
  answer: { example: 'primary' }
}
