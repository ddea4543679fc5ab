/**
 * The rows of a statement that brings them as one JSON array. To bring many from SQLite value by
 * value takes several times as long as to find them there. In which order they come nothing says.
 */
export function rowsIn<T>(text: string | undefined): T[] {
  if (text === undefined) throw new Error('an aggregate tells nothing')
  return JSON.parse(text)
}
