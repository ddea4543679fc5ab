/**
 * Whether an `Accept` header (RFC 9110, section 12.5.1) wants one media type rather than another.
 * It does not where both are wanted alike, or the header is missing or can't be read.
 */
export function prefers(accept: string | undefined, one: string, another: string): boolean {
  if (accept === undefined) return false
  const ranges = new Map(accept.toLowerCase().split(',').map(rangeOf))
  const quality = (type: string) =>
    ranges.get(type) ?? ranges.get(type.replace(/\/.*/, '/*')) ?? ranges.get('*/*') ?? 0
  return quality(one) > quality(another)
}

/** A media range and its quality; other parameters tell nothing apart here. */
function rangeOf(text: string): [range: string, quality: number] {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))
  return [range, quality === undefined ? 1 : Number(quality.slice(2))]
}
