import { Worker } from 'node:worker_threads'

/**
 * Starts a script beside this one as a thread. Compiled it runs as it is; a thread does not inherit the
 * loader of TypeScript, so from the sources it brings its own.
 */
export function startThread(script: URL, workerData: unknown): Worker {
  if (script.pathname.endsWith('.js')) return new Worker(script, { workerData })
  const [loader, source] = [import.meta.resolve('tsx/esm/api'), script.href].map((url) =>
    JSON.stringify(url)
  )
  const start = `import(${loader}).then(({ register }) => { register(); return import(${source}) })`
  return new Worker(start, { eval: true, workerData })
}
