import type { IncomingMessage } from 'node:http'

/**
 * Requests that may take their time to arrive: whoever reads them sees to it that they get on. All
 * others are cut off by Node once their time is up.
 */
export const ownPace = new WeakSet<IncomingMessage>()
