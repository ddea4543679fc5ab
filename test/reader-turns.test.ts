import t from 'tap'
import { LedgerError } from '../src/domain/errors.ts'
import type { Reader } from '../src/reader.ts'
import { readerTurns } from '../src/reader-turns.ts'

const mebibyte = 1_024 * 1_024

/**
 * Turns of questions that are answered when the test says so. `log` tells what happened, in order: `commit`,
 * the names of questions as they are asked, `cut`. Every moment is a quiet one until `stop`.
 */
function turnsAtWork() {
  const log: string[] = []
  const under = new Map<string, () => void>()
  let backlog = 0
  let stopped: Error | null = null
  const turns = readerTurns({
    reader: { cut: () => log.push('cut') } as unknown as Reader<never>,
    view: { backlog: () => backlog },
    commit: () => log.push('commit'),
    async quietly(step) {
      if (stopped !== null) throw stopped
      step()
    }
  })
  const ask = (kind: 'question' | 'dryRun') => (name: string, gone: () => boolean) => {
    const question = () =>
      new Promise<string>((resolve) => {
        log.push(name)
        under.set(name, () => resolve(name))
      })
    return turns.ask(kind, question, gone).catch((error) => (error as LedgerError).code)
  }
  const never = () => false
  return {
    log,
    question: (name: string, gone = never) => ask('question')(name, gone),
    dryRun: (name: string, gone = never) => ask('dryRun')(name, gone),
    relieve: turns.relieve,
    /** Answers a question that was asked, and lets the next have its turn. */
    async answer(name: string) {
      under.get(name)?.()
      await new Promise((turn) => setImmediate(turn))
    },
    grow(bytes: number) {
      backlog = bytes
    },
    stop() {
      stopped = new LedgerError('unavailable', 'The ledger is stopping.')
    }
  }
}

t.test('one at a time of each kind, each after a commit', async (t) => {
  const { log, question, dryRun, answer } = turnsAtWork()
  const asked = [question('q1'), question('q2'), dryRun('d1'), dryRun('d2'), question('q3')]
  t.same(log, ['commit', 'q1', 'commit', 'd1'])
  await answer('q1')
  t.same(log.splice(0, 99), ['commit', 'q1', 'commit', 'd1', 'commit', 'q2'])
  await answer('q2')
  await answer('d1')
  t.same(log, ['commit', 'q3', 'commit', 'd2'])
  await answer('q3')
  await answer('d2')
  t.same(await Promise.all(asked), ['q1', 'q2', 'd1', 'd2', 'q3'])
  t.same(log.length, 4, 'and nothing when nobody waits')
})

t.test('a question of a client that has gone is not asked, and takes no room', async (t) => {
  const { log, question, answer } = turnsAtWork()
  let hungUp = false
  const first = question('first')
  const impatient = Array.from({ length: 15 }, () => question('impatient', () => hungUp))
  t.equal(await question('one too many'), 'overloaded')
  hungUp = true
  const patient = question('patient')
  t.same(await Promise.all(impatient), Array(15).fill('unavailable'))
  await answer('first')
  await answer('patient')
  t.same(await Promise.all([first, patient]), ['first', 'patient'])
  t.notOk(log.includes('impatient'))
})

t.test('while much waits for the file nobody begins beside another', async (t) => {
  const { log, question, dryRun, answer, grow, relieve } = turnsAtWork()
  const asked = [question('q1')]
  grow(257 * mebibyte)
  asked.push(question('q2'), dryRun('d1'), question('q3'))
  t.same(
    log.filter((one) => one !== 'commit'),
    ['q1']
  )
  relieve()
  t.notOk(log.includes('cut'))
  log.length = 0
  await answer('q1')
  t.same(log, ['commit', 'q2'], 'who came first, after a commit beside which nobody reads')
  await answer('q2')
  t.same(log, ['commit', 'q2', 'commit', 'd1'])
  grow(0)
  await answer('d1')
  await answer('q3')
  t.same(await Promise.all(asked), ['q1', 'q2', 'd1', 'q3'])
})

t.test('who keeps too much from the file is cut short', async (t) => {
  const { log, question, answer, grow, relieve } = turnsAtWork()
  grow(1_025 * mebibyte)
  relieve()
  t.notOk(log.includes('cut'), 'not when nobody reads')
  const asked = question('q1')
  relieve()
  t.ok(log.includes('cut'))
  await answer('q1')
  await asked
})

t.test('who waits when the ledger stops is refused', async (t) => {
  const { question, dryRun, answer, stop } = turnsAtWork()
  const asked = [question('q1'), question('q2'), dryRun('d1'), dryRun('d2')]
  stop()
  await answer('q1')
  await answer('d1')
  t.same(await Promise.all(asked), ['q1', 'unavailable', 'd1', 'unavailable'])
})
