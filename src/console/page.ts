import type { api } from './api.ts'
import type { Child } from './element.ts'

/** A page as it is put into the window. */
export type Page = {
  readonly title: string
  readonly content: readonly Child[]
  /** Called once the content stands in the window. */
  readonly shown?: () => void
}

/** What a page has at hand while it is shown. */
export type Showing = {
  readonly ask: ReturnType<typeof api>
  /** Aborts when another page is shown. */
  readonly signal: AbortSignal
  /** Shows the page anew, with what holds now. */
  again(): void
  /** Says something to whoever looks or listens, wherever they are on the page. */
  announce(text: string): void
}
