import { syntaxHighlighting, syntaxTree } from '@codemirror/language'
import { type EditorState, type Extension, RangeSetBuilder } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view'
import type { SyntaxNodeRef } from '@lezer/common'
import { tagHighlighter, tags } from '@lezer/highlight'

/** Markdown as calm type: the words are set, the marks step back. Classes only; how they look is in markdown.css. */
export function markdownLook(): Extension {
  return [syntaxHighlighting(spans), blockLook]
}

const spans = tagHighlighter([
  { tag: tags.heading1, class: 'md-heading md-h1' },
  { tag: tags.heading2, class: 'md-heading md-h2' },
  { tag: tags.heading3, class: 'md-heading md-h3' },
  { tag: [tags.heading4, tags.heading5, tags.heading6], class: 'md-heading' },
  { tag: tags.strong, class: 'md-strong' },
  { tag: tags.emphasis, class: 'md-emphasis' },
  { tag: tags.strikethrough, class: 'md-struck' },
  { tag: tags.monospace, class: 'md-code' },
  { tag: [tags.processingInstruction, tags.contentSeparator], class: 'md-mark' },
  { tag: tags.link, class: 'md-link' },
  { tag: tags.url, class: 'md-address' },
  { tag: [tags.labelName, tags.character, tags.escape], class: 'md-faint' },
  { tag: tags.quote, class: 'md-quote' },
  { tag: tags.atom, class: 'md-task' },
  { tag: tags.comment, class: 'md-comment' },
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword, tags.tagName], class: 'code-word' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], class: 'code-string' },
  { tag: [tags.number, tags.bool, tags.null], class: 'code-number' },
  { tag: [tags.typeName, tags.className, tags.attributeName], class: 'code-type' },
  {
    tag: [tags.function(tags.variableName), tags.definition(tags.variableName)],
    class: 'code-name',
  },
])

/** Looks of whole lines, by the block that they belong to. */
const blocks: Readonly<Record<string, string>> = {
  ATXHeading1: 'md-line-h1',
  ATXHeading2: 'md-line-h2',
  ATXHeading3: 'md-line-h3',
  SetextHeading1: 'md-line-h1',
  SetextHeading2: 'md-line-h2',
  FencedCode: 'md-line-code',
  CodeBlock: 'md-line-code',
  Blockquote: 'md-line-quote',
  HorizontalRule: 'md-line-rule',
  Table: 'md-line-table',
}

const blockLook = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet
    constructor(view: EditorView) {
      this.decorations = decorate(view)
    }
    update(update: ViewUpdate): void {
      const parsed = syntaxTree(update.startState) !== syntaxTree(update.state)
      if (update.docChanged || update.viewportChanged || parsed) {
        this.decorations = decorate(update.view)
      }
    }
  },
  { decorations: (plugin) => plugin.decorations },
)

function decorate(view: EditorView): DecorationSet {
  const { state } = view
  const lines = new Map<number, Set<string>>()
  const hangs = new Map<number, number>()
  const hashes = new Map<number, number>()
  for (const { from, to } of view.visibleRanges) {
    const enter = (node: SyntaxNodeRef): void => {
      const look = blocks[node.name]
      if (look !== undefined) markLines(state, node, { from, to }, look, lines)
      if (node.name === 'ListMark') hang(state, node.from, node.to, hangs)
      if (node.name === 'HeaderMark') outdent(state, node.from, node.to, hashes)
    }
    syntaxTree(state).iterate({ from, to, enter })
  }
  return built(state, lines, hangs, hashes)
}

function markLines(
  state: EditorState,
  node: SyntaxNodeRef,
  seen: { readonly from: number; readonly to: number },
  look: string,
  lines: Map<number, Set<string>>,
): void {
  const first = state.doc.lineAt(Math.max(node.from, seen.from))
  const last = state.doc.lineAt(Math.min(node.to, seen.to))
  for (let number = first.number; number <= last.number; number += 1) {
    const at = state.doc.line(number).from
    const looks = lines.get(at) ?? new Set()
    lines.set(at, looks)
    looks.add(look)
    if (node.name === 'FencedCode') {
      if (at === state.doc.lineAt(node.from).from) looks.add('md-line-code-first')
      if (at === state.doc.lineAt(node.to).from) looks.add('md-line-code-last')
    }
  }
}

/** The widest mark that hangs: deeper ones simply wrap to the margin. */
const hangUnitsMax = 12

/** A wrapped list item continues under its words, not under its mark: the mark with its spaces gets a fixed width. */
function hang(state: EditorState, from: number, to: number, hangs: Map<number, number>): void {
  const line = state.doc.lineAt(from)
  const indent = state.sliceDoc(line.from, from)
  if (!/^[ ]*$/.test(indent)) return
  const after = /^ {1,4}/.exec(state.sliceDoc(to, Math.min(to + 4, line.to)))?.[0] ?? ''
  const units = to - line.from + after.length
  if (after !== '' && units <= hangUnitsMax) hangs.set(line.from, units)
}

/** The hashes of a heading stand in the margin, where there is one, so that the words keep the line. */
function outdent(state: EditorState, from: number, to: number, hashes: Map<number, number>): void {
  const line = state.doc.lineAt(from)
  const after = /^ +/.exec(state.sliceDoc(to, line.to))?.[0] ?? ''
  if (from === line.from && after !== '') hashes.set(from, to + after.length - from)
}

function built(
  state: EditorState,
  lines: ReadonlyMap<number, ReadonlySet<string>>,
  hangs: ReadonlyMap<number, number>,
  hashes: ReadonlyMap<number, number>,
): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>()
  const starts = [...new Set([...lines.keys(), ...hangs.keys(), ...hashes.keys()])].sort(
    (a, b) => a - b,
  )
  for (const at of starts) {
    const looks = [...(lines.get(at) ?? [])]
    const units = hangs.get(at)
    if (units !== undefined) looks.push('md-item', `md-item-${units}`)
    builder.add(at, at, Decoration.line({ class: looks.join(' ') }))
    if (units !== undefined && at + units <= state.doc.length) {
      builder.add(at, at + units, Decoration.mark({ class: 'md-hang' }))
    }
    const hash = hashes.get(at)
    if (hash !== undefined) builder.add(at, at + hash, Decoration.mark({ class: 'md-hash' }))
  }
  return builder.finish()
}
