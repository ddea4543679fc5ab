import { readFileSync } from 'node:fs'
import express from 'express'
import { DataTypes, Op, Sequelize } from 'sequelize'

// The statement's task as it is usually done: one table with indexes, an ORM, a few statements a
// request. SQLite's defaults are durable: a rollback journal, and an fsync for each write.
const { STORAGE: storage, CONTACTS: contacts, PORT: port } = process.env
const sequelize = new Sequelize({ dialect: 'sqlite', storage, logging: false })

const Contact = sequelize.define(
  'Contact',
  {
    phoneNumber: DataTypes.STRING,
    email: DataTypes.STRING,
    linkedId: DataTypes.INTEGER,
    linkPrecedence: DataTypes.ENUM('primary', 'secondary')
  },
  {
    paranoid: true,
    indexes: [{ fields: ['email'] }, { fields: ['phoneNumber'] }, { fields: ['linkedId'] }]
  }
)

async function identify(email, phoneNumber) {
  const either = [
    ...(email === null ? [] : [{ email }]),
    ...(phoneNumber === null ? [] : [{ phoneNumber }])
  ]
  const found = await Contact.findAll({ where: { [Op.or]: either } })
  if (found.length === 0) {
    const { id } = await Contact.create({ email, phoneNumber, linkPrecedence: 'primary' })
    return answer(id)
  }
  const primaries = [...new Set(found.map(({ id, linkedId }) => linkedId ?? id))]
  const [primary, ...absorbed] = primaries.sort((a, b) => a - b)
  const news =
    (email !== null && found.every((one) => one.email !== email)) ||
    (phoneNumber !== null && found.every((one) => one.phoneNumber !== phoneNumber))
  if (absorbed.length > 0) {
    await Contact.update(
      { linkedId: primary, linkPrecedence: 'secondary' },
      { where: { [Op.or]: [{ id: absorbed }, { linkedId: absorbed }] } }
    )
  } else if (news) {
    await Contact.create({ email, phoneNumber, linkedId: primary, linkPrecedence: 'secondary' })
  }
  return answer(primary)
}

async function answer(primary) {
  const all = await Contact.findAll({
    where: { [Op.or]: [{ id: primary }, { linkedId: primary }] },
    order: [['id', 'ASC']]
  })
  const distinct = (values) => [...new Set(values.filter((value) => value !== null))]
  return {
    primaryContactId: primary,
    emails: distinct(all.map(({ email }) => email)),
    phoneNumbers: distinct(all.map(({ phoneNumber }) => phoneNumber)),
    secondaryContactIds: all.flatMap(({ id }) => (id === primary ? [] : [id]))
  }
}

await sequelize.sync()
await Contact.bulkCreate(JSON.parse(readFileSync(contacts, 'utf8')))

// One request after another: two at once could make two primaries of one person.
let turn = Promise.resolve()
const app = express()
app.use(express.json())
app.post('/identify', (request, response, next) => {
  const { email = null, phoneNumber = null } = request.body
  turn = turn
    .then(() => identify(email, phoneNumber))
    .then((identity) => response.json(identity), next)
})
app.listen(Number(port), '127.0.0.1')
