import t from 'tap'
import { admission } from '../src/admission.ts'

/** A room of patience 500 ms and 10,000 places, some taken by who waits for a plan, and a clock to be set. */
function roomOf({ limit = 10_000, waits = 0 } = {}) {
  let at = 0
  const [now, waiting] = [() => at, () => waits]
  const room = admission({ now, limit, waits: waiting, atOnce: 256, patience: 500 })
  return {
    ...room,
    /** After so long, so many had their turn, and so many are left. */
    turn(passed: number, requests: number, left: number) {
      at += passed
      room.took(requests, left)
    }
  }
}

t.test('before anything is known of the pace, as many wait as there are places', async (t) => {
  const room = roomOf()
  t.same([room.admits(9_999), room.admits(10_000)], [true, false])
})

t.test('who waits for a plan takes a place, and tells nothing of the pace', async (t) => {
  t.same(roomOf({ waits: 9_999 }).admits(0), true)
  t.same(roomOf({ waits: 10_000 }).admits(0), false)
})

t.test('as many wait as have their turn in time at the pace of the last ones', async (t) => {
  const room = roomOf()
  room.turn(0, 1_000, 5_000)
  room.turn(250, 1_000, 5_000)
  t.same([room.admits(1_999), room.admits(2_000)], [true, false])
  for (let nth = 0; nth < 20; nth++) room.turn(500, 1_000, 5_000)
  t.same([room.admits(999), room.admits(1_001)], [true, false], 'a slower pace is noticed')
})

t.test('a pace that is quick enough makes no more places', async (t) => {
  const room = roomOf({ limit: 300 })
  room.turn(0, 100, 300)
  room.turn(1, 100, 300)
  t.same([room.admits(299), room.admits(300)], [true, false])
})

t.test('those that share a turn may always wait, however slow the pace is', async (t) => {
  const room = roomOf()
  room.turn(0, 1, 1_000)
  room.turn(60_000, 1, 1_000)
  t.same([room.admits(255), room.admits(256)], [true, false])
})

t.test('once nobody is left waiting all places are there again', async (t) => {
  const room = roomOf()
  room.turn(0, 1, 1_000)
  room.turn(60_000, 1, 1_000)
  room.turn(1, 1_000, 0)
  t.equal(room.admits(9_999), true)
})
