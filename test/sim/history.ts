/** What the people of a run wrote and what they were told: each insertion is one character that no other carries. */
export interface Word {
  readonly character: string
  readonly member: number
  /** saved: its device holds it durably. applied: the group has it. */
  told: 'nothing' | 'saved' | 'applied'
}

/** The first of the characters: CJK ideographs, one unit each. */
const firstCharacter = 0x4e00
export const wordsMax = 20_000

export class History {
  readonly #words: Word[] = []
  #reads = 0
  /** The highest log index that anybody was told to be applied. */
  acknowledgedIndex = 0

  next(member: number): Word | null {
    if (this.#words.length >= wordsMax) return null
    const character = String.fromCharCode(firstCharacter + this.#words.length)
    const word: Word = { character, member, told: 'nothing' }
    this.#words.push(word)
    return word
  }

  acknowledge(word: Word, as: 'saved' | 'applied', index: number): void {
    if (word.told !== 'applied') word.told = as
    if (as === 'applied') this.acknowledgedIndex = Math.max(this.acknowledgedIndex, index)
  }

  countRead(): void {
    this.#reads++
  }

  get reads(): number {
    return this.#reads
  }

  get acknowledged(): number {
    return this.#words.filter(({ told }) => told !== 'nothing').length
  }

  /** What is wrong with these texts, all there are: acknowledged words are there, each once, the others at most once. */
  faults(texts: readonly string[], isForgiven: (word: Word) => boolean): string[] {
    const seen = new Map<string, number>()
    for (const text of texts) {
      for (const character of text) seen.set(character, (seen.get(character) ?? 0) + 1)
    }
    const faults: string[] = []
    this.#words.forEach((word, number) => {
      const times = seen.get(word.character) ?? 0
      const name = `word ${number} of ${word.member}, ${word.told}`
      if (times > 1) faults.push(`${name}, is there ${times} times`)
      if (times === 0 && word.told !== 'nothing' && !isForgiven(word))
        faults.push(`${name}, is lost`)
    })
    return faults
  }
}
