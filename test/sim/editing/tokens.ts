/** Each insertion carries a character that no other insertion carries, so that loss and duplication can be counted. */
export interface Token {
  readonly character: string
  readonly device: string
  /** Its device's outbox holds it, or held it: from here on it must not be lost. */
  isKept: boolean
  /** Its device crashed before the outbox had it. */
  isForgiven: boolean
  /** Somebody deleted it. */
  isDeleted: boolean
}

export class Tokens {
  readonly #tokens: Token[] = []
  readonly #byCharacter = new Map<string, Token>()

  /** Half of them lie beyond the first plane, so they are surrogate pairs. */
  next(device: string): Token {
    const at = this.#tokens.length
    const character = String.fromCodePoint(at % 2 === 0 ? 0x4e00 + at / 2 : 0x20000 + (at - 1) / 2)
    const token = { character, device, isKept: false, isForgiven: false, isDeleted: false }
    this.#tokens.push(token)
    this.#byCharacter.set(character, token)
    return token
  }

  get all(): readonly Token[] {
    return this.#tokens
  }

  in(text: string): readonly Token[] {
    const found: Token[] = []
    for (const character of text) {
      const token = this.#byCharacter.get(character)
      if (token !== undefined) found.push(token)
    }
    return found
  }

  /** How often each should be there and is not, and how often one is there too often. */
  count(texts: readonly string[]): { readonly lost: number; readonly duplicated: number } {
    const seen = new Map<Token, number>()
    for (const token of texts.flatMap((text) => this.in(text))) {
      seen.set(token, (seen.get(token) ?? 0) + 1)
    }
    let [lost, duplicated] = [0, 0]
    for (const token of this.#tokens) {
      const times = seen.get(token) ?? 0
      if (times > 1) duplicated++
      if (times === 0 && !token.isDeleted && !token.isForgiven) lost++
    }
    return { lost, duplicated }
  }
}
