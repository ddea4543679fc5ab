/**
 * How a compiled serialiser writes lists: those of 100 values or more in one go by `JSON.stringify`,
 * which is quicker from there on. It writes all that an object has, so what is answered in lists has
 * nothing that its schema leaves out.
 */
export const longLists = { largeArrayMechanism: 'json-stringify', largeArraySize: 100 } as const
