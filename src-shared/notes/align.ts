/** Which of two lists' items correspond: the algorithm under diff.ts, over tokens that are numbers. */

/** Items [from, to) of the one list stand against [otherFrom, otherTo) of the other; what lies between two hunks is equal. */
export interface Hunk {
  readonly from: number
  readonly to: number
  readonly otherFrom: number
  readonly otherTo: number
}

/** The hunks in order, none empty. With more than `effortMax` differences a range may be given up as one hunk. */
export function align(
  one: readonly number[],
  other: readonly number[],
  effortMax: number,
): readonly Hunk[] {
  const range = trimmed(one, other, {
    from: 0,
    to: one.length,
    otherFrom: 0,
    otherTo: other.length,
  })
  const hunks = myers(one, other, range, effortMax)
  if (hunks !== null) return hunks
  return gaps(range, anchors(one, other, range)).flatMap((gap) => {
    const within = trimmed(one, other, gap)
    return myers(one, other, within, effortMax) ?? [within]
  })
}

function trimmed(one: readonly number[], other: readonly number[], range: Hunk): Hunk {
  let { from, to, otherFrom, otherTo } = range
  while (from < to && otherFrom < otherTo && one[from] === other[otherFrom]) {
    from++
    otherFrom++
  }
  while (from < to && otherFrom < otherTo && one[to - 1] === other[otherTo - 1]) {
    to--
    otherTo--
  }
  return { from, to, otherFrom, otherTo }
}

/**
 * Myers 1986, the greedy forward search: after d differences `furthest` holds, for each diagonal k = x − y, how far along
 * it one can be. Null when more than `effortMax` differences would be needed.
 */
function myers(
  one: readonly number[],
  other: readonly number[],
  range: Hunk,
  effortMax: number,
): readonly Hunk[] | null {
  const [width, height] = [range.to - range.from, range.otherTo - range.otherFrom]
  if (width === 0 && height === 0) return []
  if (width === 0 || height === 0) return [range]
  if (Math.abs(width - height) > effortMax) return null
  const middle = effortMax + 1
  const furthest = new Int32Array(2 * middle + 1)
  const rounds: Int32Array[] = []
  for (let d = 0; d <= effortMax; d++) {
    for (let k = -d; k <= d; k += 2) {
      let x = stepTo(furthest, middle + k, k === -d, k === d)
      let y = x - k
      while (x < width && y < height && one[range.from + x] === other[range.otherFrom + y]) {
        x++
        y++
      }
      furthest[middle + k] = x
      if (x >= width && y >= height) return walkBack(rounds, range, d, middle)
    }
    rounds.push(furthest.slice(middle - d, middle + d + 1))
  }
  return null
}

/** Where diagonal `at` is entered: from above (a unit of the other) or from the left (a unit of the one). */
function stepTo(furthest: Int32Array, at: number, isLowest: boolean, isHighest: boolean): number {
  const above = furthest[at + 1] as number
  const left = furthest[at - 1] as number
  if (isLowest) return isHighest ? 0 : above
  return !isHighest && left < above ? above : left + 1
}

/** From the end to the beginning along the rounds, collecting the single differences as hunks. */
function walkBack(
  rounds: readonly Int32Array[],
  range: Hunk,
  found: number,
  middle: number,
): readonly Hunk[] {
  const hunks: Hunk[] = []
  let [x, y] = [range.to - range.from, range.otherTo - range.otherFrom]
  for (let d = found; d > 0; d--) {
    const before = new Int32Array(2 * middle + 1)
    before.set(rounds[d - 1] as Int32Array, middle - (d - 1))
    const k = x - y
    const down = k === -d || (k !== d && at(before, middle + k - 1) < at(before, middle + k + 1))
    const startX = down ? at(before, middle + k + 1) : at(before, middle + k - 1)
    const startY = startX - (down ? k + 1 : k - 1)
    prepend(hunks, range, {
      from: startX,
      to: down ? startX : startX + 1,
      otherFrom: startY,
      otherTo: down ? startY + 1 : startY,
    })
    x = startX
    y = startY
  }
  return hunks
}

function at(values: Int32Array, index: number): number {
  return values[index] as number
}

function prepend(hunks: Hunk[], range: Hunk, step: Hunk): void {
  const hunk = {
    from: range.from + step.from,
    to: range.from + step.to,
    otherFrom: range.otherFrom + step.otherFrom,
    otherTo: range.otherFrom + step.otherTo,
  }
  const next = hunks[0]
  if (next?.from === hunk.to && next.otherFrom === hunk.otherTo) {
    hunks[0] = { ...next, from: hunk.from, otherFrom: hunk.otherFrom }
  } else hunks.unshift(hunk)
}

/** Pairs of items that occur once in each list, as many as stand in one order in both. */
function anchors(
  one: readonly number[],
  other: readonly number[],
  range: Hunk,
): readonly (readonly [number, number])[] {
  const inOne = places(one, range.from, range.to)
  const inOther = places(other, range.otherFrom, range.otherTo)
  const pairs: [number, number][] = []
  for (const [item, place] of inOne) {
    const otherPlace = inOther.get(item)
    if (place !== null && otherPlace !== null && otherPlace !== undefined) {
      pairs.push([place, otherPlace])
    }
  }
  return longestRising(pairs.sort(([a], [b]) => a - b))
}

/** Where each item stands; null when it occurs more than once. */
function places(items: readonly number[], from: number, to: number): Map<number, number | null> {
  const found = new Map<number, number | null>()
  for (let place = from; place < to; place++) {
    const item = items[place] as number
    found.set(item, found.has(item) ? null : place)
  }
  return found
}

type Pair = readonly [number, number]

/** The longest run of pairs whose second halves rise, by patience sorting. */
function longestRising(pairs: readonly Pair[]): readonly Pair[] {
  const piles: number[] = [] // Index of each pile's top pair.
  const previous: number[] = []
  pairs.forEach(([, second], index) => {
    let [low, high] = [0, piles.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((pairs[piles[middle] as number] as Pair)[1] < second) low = middle + 1
      else high = middle
    }
    previous[index] = low === 0 ? -1 : (piles[low - 1] as number)
    piles[low] = index
  })
  const rising: Pair[] = []
  for (let index = piles.at(-1) ?? -1; index >= 0; index = previous[index] as number) {
    rising.push(pairs[index] as Pair)
  }
  return rising.reverse()
}

/** The ranges between the anchors. */
function gaps(range: Hunk, pairs: readonly Pair[]): readonly Hunk[] {
  const found: Hunk[] = []
  let { from, otherFrom } = range
  for (const [place, otherPlace] of [...pairs, [range.to, range.otherTo] as const]) {
    if (from < place || otherFrom < otherPlace) {
      found.push({ from, to: place, otherFrom, otherTo: otherPlace })
    }
    from = place + 1
    otherFrom = otherPlace + 1
  }
  return found
}
