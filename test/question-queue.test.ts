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
  for (const name of ['a', 'b', 'c']) questions.add(taking(1, name))
  questions.askWaiting()
  t.strictSame(answered, ['a', 'b', 'c'])
})

t.test('a slow question ends the turn, and the rest come in the next', async (t) => {
  const { questions, answered, taking } = queue()
  for (const name of ['a', 'b', 'c']) questions.add(taking(30, name))
  questions.askWaiting()
  t.strictSame(answered, ['a'])
  t.ok(questions.waiting, 'others wait')
  questions.askWaiting()
  t.strictSame(answered, ['a', 'b'])
})

t.test('none is left behind at the end', async (t) => {
  const { questions, answered, taking } = queue()
  for (const name of ['a', 'b', 'c']) questions.add(taking(30, name))
  questions.askWaiting(true)
  t.strictSame(answered, ['a', 'b', 'c'])
  t.notOk(questions.waiting)
})

t.test('one that has all the rest asked is not asked again', async (t) => {
  const { questions, answered, taking } = queue()
  questions.add(() => {
    taking(1, 'a')()
    questions.askWaiting(true)
  })
  for (const name of ['b', 'c']) questions.add(taking(30, name))
  questions.askWaiting()
  t.strictSame(answered, ['a', 'b', 'c'])
  t.notOk(questions.waiting)
  questions.add(taking(1, 'd'))
  questions.askWaiting()
  t.strictSame(answered, ['a', 'b', 'c', 'd'])
})
