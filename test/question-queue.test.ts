import t from 'tap'
import { questionQueue } from '../src/question-queue.ts'

/** A queue on a clock that only questions move, and questions that take so many ms. */
function queue() {
  let time = 0
  const answered: string[] = []
  const questions = questionQueue(() => time)
  const taking = (ms: number, name: string) => () => {
    time += ms
    answered.push(name)
  }
  return { questions, answered, taking }
}

t.test('quick questions share a turn', async (t) => {
  const { questions, answered, taking } = queue()
  for (const name of ['a', 'b', 'c']) void questions.add(taking(1, name))
  questions.askWaiting()
  t.strictSame(answered, ['a', 'b', 'c'])
})

t.test('a slow question ends the turn, and the rest come in the next', async (t) => {
  const { questions, answered, taking } = queue()
  for (const name of ['a', 'b', 'c']) void questions.add(taking(30, name))
  questions.askWaiting()
  t.strictSame(answered, ['a'])
  t.ok(questions.waiting, 'others wait')
  questions.askWaiting()
  t.strictSame(answered, ['a', 'b'])
})

t.test('each is answered with what it tells, or what it throws', async (t) => {
  const { questions } = queue()
  const told = questions.add(async () => 'a')
  const thrown = questions.add(() => {
    throw new Error('b')
  })
  questions.askWaiting()
  t.equal(await told, 'a')
  await t.rejects(thrown, { message: 'b' })
})

t.test('none is left behind at the end', async (t) => {
  const { questions, answered, taking } = queue()
  const waiting = ['a', 'b'].map((name) => questions.add(taking(30, name)))
  questions.refuse(new Error('the end'))
  for (const one of waiting) await t.rejects(one, { message: 'the end' })
  t.same([answered, questions.waiting], [[], false])
})

t.test('one that has all the rest refused is answered itself', async (t) => {
  const { questions, answered, taking } = queue()
  const first = questions.add(() => {
    taking(1, 'a')()
    questions.refuse(new Error('the end'))
  })
  const second = questions.add(taking(30, 'b'))
  questions.askWaiting()
  await first
  await t.rejects(second, { message: 'the end' })
  t.notOk(questions.waiting)
  void questions.add(taking(1, 'c'))
  questions.askWaiting()
  t.strictSame(answered, ['a', 'c'])
})
