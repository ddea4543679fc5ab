/** How much of the service one client may take. Sizes in bytes, times in ms. */
export type Limits = {
  readonly body: number
  /** The first line of a request and its headers together. */
  readonly headers: number
  /** How long a request may take to arrive, or a line of a batch. */
  readonly patience: number
  /** How long a connection is kept open for its next request. */
  readonly idle: number
  /** After how many requests a connection is closed, so that none lasts for ever. */
  readonly requestsPerConnection: number
  /** How many connections may be open; one more is closed at once. */
  readonly connections: number
  /** How many requests of one key, or of one address without a key, are answered a minute. */
  readonly requestsPerMinute: number | null
}

/** What holds where nothing else is said. */
export const defaultLimits: Limits = {
  body: 16 * 1024,
  headers: 16 * 1024,
  patience: 30_000,
  idle: 65_000,
  requestsPerConnection: 100_000,
  connections: 10_000,
  requestsPerMinute: null
}

/** The limits that Fastify and Node keep themselves. */
export function serverLimits({ body, headers, patience, idle, requestsPerConnection }: Limits) {
  return {
    bodyLimit: body,
    requestTimeout: patience,
    keepAliveTimeout: idle,
    maxRequestsPerSocket: requestsPerConnection,
    routerOptions: { maxParamLength: 1_000 },
    http: {
      requireHostHeader: false,
      maxHeaderSize: headers,
      // Node takes the longer of the two for the whole request.
      headersTimeout: patience,
      connectionsCheckingInterval: Math.ceil(patience / 10)
    }
  }
}
