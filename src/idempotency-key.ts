/** What an idempotency key may be, as a pattern and in words. */
export const keyForm = {
  pattern: '^[\\x21-\\x7e]{1,255}$',
  words: '1 to 255 visible ASCII characters'
} as const

const pattern = new RegExp(keyForm.pattern)

/** Whether a text may be an idempotency key. */
export function isIdempotencyKey(text: string): boolean {
  return pattern.test(text)
}
