import type { PublishedEvent } from '../src/published-event.ts'

/** An event in words, on one line. */
export function eventInWords(event: PublishedEvent): string {
  return `${event.position} (${event.recordedAt}) ${told(event)}`
}

function told({ type, data }: PublishedEvent): string {
  switch (type) {
    case 'ContactObserved': {
      const { email, phoneNumber, contact } = data
      const seen = [email && `email:${email}`, phoneNumber && `phone:${phoneNumber}`]
      const minted = contact === null ? '' : `, new: contact ${contact}`
      return `observed ${seen.filter((one) => one !== null).join(' with ')}${minted}`
    }
    case 'ContactsMerged':
      return `merged contact ${data.absorbed.join(', ')} into ${data.survivor}, because of ${data.cause}`
    case 'ContactsSplit': {
      const parts = data.parted.map(({ contacts }) => contacts.join(', '))
      return `split contact ${parts.join(' and ')} from ${data.identity}, because of ${data.cause}`
    }
    case 'ObservationRetracted':
      return `retracted observation ${data.observation}${by(data)}`
    case 'SharingLimitSet':
      return `limited sharing of ${data.kind}s to ${data.limit ?? 'any number'}${by(data)}`
    case 'IdentifierBlocked':
      return `blocked ${data.identifier}${by(data)}`
    case 'IdentifierUnblocked':
      return `unblocked ${data.identifier}${by(data)}`
    case 'LinkForbidden':
      return `forbade ${data.between.join(' - ')}${by(data)}`
    case 'LinkAllowed':
      return `allowed ${data.between.join(' - ')}${by(data)}`
    case 'LinkAsserted':
      return `asserted ${data.between.join(' - ')}${by(data)}`
    case 'AssertionWithdrawn':
      return `withdrew ${data.between.join(' - ')}${by(data)}`
  }
}

function by({ actor, reason }: { actor: string; reason: string }): string {
  return `, by ${actor}: ${reason}`
}
