/**
 * Reads a `traceparent` (W3C Trace Context, level 1): the part of it that every version has. Null
 * when there is none, or it is none; then it is as if it had not been sent.
 */
export function readTraceparent(header: string | string[] | undefined): string | null {
  if (typeof header !== 'string') return null
  const [found, version, trace, parent, rest] = form.exec(header) ?? []
  if (found === undefined || version === 'ff' || (version === '00' && rest !== '')) return null
  return /^0+$/.test(trace ?? '') || /^0+$/.test(parent ?? '') ? null : found.slice(0, length)
}

const form = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}(|-.*)$/
const length = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'.length
