/** Takes as long for nearly equal bytes as for wholly different ones: the time tells a guesser nothing. */
export function isEqualInSecret(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let at = 0; at < b.length; at++) difference |= (a[at] ?? 0) ^ (b[at] ?? 0)
  return difference === 0
}
