import t from 'tap'
import { LedgerError } from '../src/domain/errors.ts'
import type { Reader } from '../src/reader.ts'
import { type Lane, readerTurns } from '../src/reader-turns.ts'

const mebibyte = 1_024 * 1_024
const stopped = new LedgerError('unavailable', 'The ledger is stopping.')

/**
 * Turns of questions that are answered when the test says so. `log` tells what happened, in order: what
 * the read model was told to do, the names of questions as they are asked, who was cut.
 */
function turnsAtWork() {
  const log: string[] = []
  const under = new Map<string, () => void>()
  let backlog = 0
  let over = false
  const turns = readerTurns({
    reader: { cut: (lane: Lane) => log.push(`cut ${lane}`) } as unknown as Reader<never>,
    view: {
      backlog: () => backlog,
      checkpoint() {
        log.push('checkpoint')
        backlog = 0
      }
    },
    commit: () => log.push('commit'),
    giveUp: (error) => t.fail(String(error)),
    async quietly(step) {
      if (over) throw stopped
      step()
    }
  })
  const askIn =
    (lane: Lane) =>
    (name: string, gone = () => false) => {
      const question = () =>
        new Promise<string>((resolve) => {
          log.push(name)
          under.set(name, () => resolve(name))
        })
      return turns.ask(lane, question, gone).catch((error) => (error as LedgerError).code)
    }
  return {
    turns,
    question: askIn('questions'),
    dryRun: askIn('dryRuns'),
    /** What happened since this was told last. */
    told: () => log.splice(0),
    /** Answers a question that was asked, and lets the next have its turn. */
    async answer(name: string) {
      under.get(name)?.()
      await new Promise((turn) => setImmediate(turn))
    },
    /** This much waits beside the file. */
    hold(mebibytes: number) {
      backlog = mebibytes * mebibyte
    },
    stop() {
      over = true
    }
  }
}

t.test('one at a time of each lane, each after a commit', async (t) => {
  const { told, question, dryRun, answer } = turnsAtWork()
  const asked = [question('q1'), question('q2'), dryRun('d1'), dryRun('d2'), question('q3')]
  t.same(told(), ['commit', 'q1', 'commit', 'd1'])
  await answer('q1')
  t.same(told(), ['commit', 'q2'])
  await answer('q2')
  await answer('d1')
  t.same(told(), ['commit', 'q3', 'commit', 'd2'])
  await answer('q3')
  await answer('d2')
  t.same(await Promise.all(asked), ['q1', 'q2', 'd1', 'd2', 'q3'])
  t.same(told(), [], 'and nothing when nobody waits')
})

t.test('a question of a client that has gone is not asked, and takes no room', async (t) => {
  const { told, question, answer } = turnsAtWork()
  t.equal(await question('gone before', () => true), 'unavailable')
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
  t.same(told(), ['commit', 'first', 'commit', 'patient'])
})

t.test('while much waits beside the file nobody begins beside another', async (t) => {
  const { told, question, dryRun, answer, hold } = turnsAtWork()
  const asked = [question('q1')]
  hold(257)
  asked.push(question('q2'), dryRun('d1'), question('q3'))
  t.same(told(), ['commit', 'q1'], 'nor is anything committed for those who wait')
  await answer('q1')
  t.same(
    told(),
    ['commit', 'checkpoint', 'q2', 'commit', 'd1'],
    'until nobody reads: then it is brought into the file, who came first begins, and all goes on'
  )
  for (const one of ['q2', 'd1', 'q3']) await answer(one)
  t.same(await Promise.all(asked), ['q1', 'q2', 'd1', 'q3'])
})

t.test('who has too much wait beside the file is cut short, and nobody else', async (t) => {
  const { turns, told, question, dryRun, answer, hold } = turnsAtWork()
  hold(2_000)
  turns.relieve()
  t.same(told(), [], 'not where nobody reads')
  hold(200)
  const asked = [dryRun('d1')]
  hold(250)
  asked.push(question('q1'))
  hold(960)
  turns.relieve()
  t.same(told(), ['commit', 'd1', 'commit', 'q1'], 'and not too soon')
  hold(1_000)
  turns.relieve()
  t.same(told(), ['cut dryRuns'])
  for (const one of ['d1', 'q1']) await answer(one)
  await Promise.all(asked)
})

t.test('who waits when the ledger stops is refused', async (t) => {
  const { turns, question, dryRun, answer, stop } = turnsAtWork()
  const asked = [question('q1'), question('q2'), dryRun('d1')]
  turns.refuse(stopped)
  asked.push(question('q3'))
  stop()
  await answer('q1')
  await answer('d1')
  t.same(await Promise.all(asked), ['q1', 'unavailable', 'd1', 'unavailable'])
})
