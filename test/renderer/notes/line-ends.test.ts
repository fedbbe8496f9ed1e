import { EditorSelection, EditorState } from '@codemirror/state'
import { expect, test } from 'vitest'
import { lineEnds, splitsLineEnd } from '../../../src-renderer/notes/line-ends.ts'

function stateOf(doc: string, at = 0): EditorState {
  return EditorState.create({
    doc: EditorState.create({ extensions: EditorState.lineSeparator.of('\n') }).toText(doc),
    selection: { anchor: at },
    extensions: [EditorState.lineSeparator.of('\n'), lineEnds()],
  })
}

function typed(state: EditorState, insert: string): EditorState {
  const { main } = state.selection
  return state.update({
    changes: { from: main.from, to: main.to, insert: state.toText(insert) },
    selection: EditorSelection.cursor(main.from + insert.length),
    userEvent: 'input.type',
  }).state
}

test('Enter in a text of CR LF lines ends the line as the others end', () => {
  const after = typed(stateOf('one\r\ntwo\r\n', 1), '\n')
  expect(after.doc.toString()).toBe('o\r\nne\r\ntwo\r\n')
  expect(after.selection.main.head).toBe(3)
})

test('several pasted lines end as the others end, also in the last line of the text', () => {
  expect(typed(stateOf('one\r\ntwo', 8), 'a\nb\nc').doc.toString()).toBe('one\r\ntwoa\r\nb\r\nc')
})

test('in a text of LF lines, Enter is a line feed', () => {
  expect(typed(stateOf('one\ntwo', 1), '\n').doc.toString()).toBe('o\nne\ntwo')
})

test('a change that would take half of a line end leaves it, or takes both', () => {
  const enter = stateOf('one\r\ntwo').update({
    changes: { from: 3, to: 4, insert: stateOf('').toText('\n') },
    selection: { anchor: 4 },
    userEvent: 'input',
  }).state
  expect(enter.doc.toString()).toBe('one\r\n\r\ntwo')
  expect(enter.selection.main.head).toBe(5)
  const joined = stateOf('one\r\ntwo').update({
    changes: { from: 4, to: 5 },
    selection: { anchor: 4 },
    userEvent: 'delete.backward',
  }).state
  expect(joined.doc.toString()).toBe('onetwo')
  expect(joined.selection.main.head).toBe(3)
})

test('the cursor never stands between CR and LF', () => {
  const state = stateOf('one\r\ntwo')
  const after = state.update({ selection: { anchor: 4 } }).state
  expect(after.selection.main.head).toBe(3)
  expect(splitsLineEnd(state.doc, 4)).toBe(true)
})

test('what others write is taken as it is', () => {
  const state = stateOf('one\r\ntwo')
  const after = state.update({ changes: { from: 1, insert: state.toText('\n') } }).state
  expect(after.doc.toString()).toBe('o\nne\r\ntwo')
})
