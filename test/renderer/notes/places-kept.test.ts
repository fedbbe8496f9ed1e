import { expect, test } from 'vitest'
import { keepPlace, keptPlacesMax, placeOf } from '../../../src-renderer/notes/places-kept.ts'

function storage(start: string | null = null): Storage {
  let text = start
  return {
    getItem: () => text,
    setItem: (_: string, value: string) => {
      text = value
    },
  } as unknown as Storage
}

const place = (top: number) => ({ anchor: top, head: top, top })

test('the last place of a note is kept, and of so many notes at most', () => {
  const store = storage()
  for (let at = 0; at <= keptPlacesMax; at += 1) keepPlace(`note ${at}`, place(at), store)
  keepPlace('note 50', place(999), store)
  expect(placeOf('note 50', store)).toEqual(place(999))
  expect(placeOf('note 0', store)).toBe(null)
  expect(placeOf(`note ${keptPlacesMax}`, store)).toEqual(place(keptPlacesMax))
})

test('what someone else wrote there is not believed', () => {
  expect(placeOf('a', storage('{'))).toBe(null)
  expect(placeOf('a', storage('{"a":1}'))).toBe(null)
})
