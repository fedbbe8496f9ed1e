import type { Clock } from '../../src-shared/base/clock.ts'
import type { Bye, Hello } from './hello.ts'
import { helloMs } from './limits.ts'
import type { Link } from './link.ts'

export interface Greeted {
  /** The link is yours now: listen to it before you return, or frames are lost. */
  hello(hello: Hello): void
  /** It ended without one; `bye`: the other side said why. */
  failed(reason: string, bye: Bye | null): void
}

/** Waits for the first frame of a link, which must be a hello, and answers exactly once. */
export function greet(link: Link, clock: Clock, greeted: Greeted): void {
  let isOver = false
  const fail = (reason: string, bye: Bye | null = null) => {
    if (isOver) return
    isOver = true
    stopClock()
    greeted.failed(reason, bye)
  }
  const stopClock = clock.after(helloMs, () => link.terminate('no hello in time'))
  link.listen({
    heard: () => undefined,
    closed: (reason) => fail(reason),
    frame: (frame) => {
      if (isOver) return
      if (frame.kind === 'bye') return fail(frame.bye.reason, frame.bye)
      if (frame.kind !== 'hello') return link.refuse(`a ${frame.kind} before a hello`)
      isOver = true
      stopClock()
      greeted.hello(frame.hello)
    },
  })
}
