import { indentLess, indentMore } from '@codemirror/commands'
import { syntaxTree } from '@codemirror/language'
import { EditorSelection, type EditorState, type StateCommand } from '@codemirror/state'
import type { KeyBinding } from '@codemirror/view'

/** Puts the mark around what is selected, or takes it away; with nothing selected, the cursor ends up between two marks. */
export function toggleMark(mark: string): StateCommand {
  return ({ state, dispatch }) => {
    if (state.readOnly) return false
    const changed = state.changeByRange((range) => {
      const before = state.sliceDoc(range.from - mark.length, range.from)
      const after = state.sliceDoc(range.to, range.to + mark.length)
      if (before === mark && after === mark && !isPartOfLonger(state, range, mark)) {
        return {
          changes: [
            { from: range.from - mark.length, to: range.from },
            { from: range.to, to: range.to + mark.length },
          ],
          range: EditorSelection.range(range.from - mark.length, range.to - mark.length),
        }
      }
      return {
        changes: [
          { from: range.from, insert: mark },
          { from: range.to, insert: mark },
        ],
        range: EditorSelection.range(range.from + mark.length, range.to + mark.length),
      }
    })
    dispatch(state.update(changed, { userEvent: 'input', scrollIntoView: true }))
    return true
  }
}

/** `*` beside `**` is half of a bold mark, not an italic one. */
function isPartOfLonger(
  state: EditorState,
  range: { readonly from: number; readonly to: number },
  mark: string,
): boolean {
  if (mark.length !== 1) return false
  const wide = state.sliceDoc(range.from - 2, range.from)
  return wide === mark + mark && state.sliceDoc(range.from - 3, range.from) !== mark.repeat(3)
}

/** `[words](address)`: a selected address becomes the target, selected words the text. */
export const makeLink: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false
  const changed = state.changeByRange((range) => {
    const words = state.sliceDoc(range.from, range.to)
    const isAddress = /^(https?:\/\/|mailto:)\S+$/.test(words)
    const insert = isAddress ? `[](${words})` : `[${words}]()`
    const at = range.from + (isAddress ? 1 : insert.length - 1)
    return {
      changes: { from: range.from, to: range.to, insert },
      range: EditorSelection.cursor(words === '' ? range.from + 1 : at),
    }
  })
  dispatch(state.update(changed, { userEvent: 'input', scrollIntoView: true }))
  return true
}

/** Tab indents where indenting means something; elsewhere it moves the focus on, as everywhere in the window. */
const indentables = new Set(['ListItem', 'FencedCode', 'CodeBlock'])

function isIndentable(state: EditorState): boolean {
  let node = syntaxTree(state).resolveInner(state.selection.main.head, -1)
  while (!indentables.has(node.name)) {
    if (node.parent === null) return false
    node = node.parent
  }
  return true
}

export const markdownKeys: readonly KeyBinding[] = [
  { key: 'Mod-b', run: toggleMark('**'), preventDefault: true },
  { key: 'Mod-i', run: toggleMark('*'), preventDefault: true },
  { key: 'Mod-Shift-k', run: makeLink, preventDefault: true },
  // With words selected, the palette's key makes a link of them; without, it is the palette's.
  { key: 'Mod-k', run: (view) => !view.state.selection.main.empty && makeLink(view) },
  {
    key: 'Tab',
    run: (view) => isIndentable(view.state) && indentMore(view),
    shift: (view) => isIndentable(view.state) && indentLess(view),
  },
]
