/**
 * In a URL's query a bare `+` means a blank, so `?phoneNumber=+1702…` arrives as ` 1702…`. A phone
 * number never starts with a blank, so one that does was meant to start with a `+`. The same holds
 * after `phone:`.
 */
export function forgivePlus<T extends string | undefined>(phone: T): T {
  return phone?.replace(/^((?:phone:)?) (?=\d)/, '$1+') as T
}
