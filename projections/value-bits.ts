/** In columns that tell of which of a contact's values something is so: their sum where it is so of both. */
export const emailBit = 1
export const phoneBit = 2
