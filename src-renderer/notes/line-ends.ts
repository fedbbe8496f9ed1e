import {
  EditorSelection,
  EditorState,
  type Extension,
  RangeSetBuilder,
  type SelectionRange,
  Text,
  Transaction,
} from '@codemirror/state'
import { Decoration, EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'

/**
 * A carriage return before a line feed is an ordinary unit of the text, so that a file comes back byte for byte; but to the
 * hand the two are one line end. The cursor never stands between them, one key deletes both, and Enter in such a text
 * gives both. Nothing of this touches what others write.
 */
export function lineEnds(): Extension {
  return [atomicLineEnds, EditorState.transactionFilter.of(keepTogether)]
}

const pair = Decoration.mark({})

const atomicLineEnds = ViewPlugin.fromClass(
  class {
    pairs
    constructor(view: EditorView) {
      this.pairs = pairsIn(view)
    }
    update(update: ViewUpdate): void {
      if (update.docChanged || update.viewportChanged) this.pairs = pairsIn(update.view)
    }
  },
  {
    provide: (plugin) =>
      EditorView.atomicRanges.of((view) => view.plugin(plugin)?.pairs ?? Decoration.none),
  },
)

function pairsIn(view: EditorView) {
  const builder = new RangeSetBuilder<Decoration>()
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = view.state.doc.lineAt(at)
      if (line.text.endsWith('\r') && line.to < view.state.doc.length) {
        builder.add(line.to - 1, line.to + 1, pair)
      }
      at = line.to + 1
    }
  }
  return builder.finish()
}

function keepTogether(transaction: Transaction) {
  if (transaction.docChanged && isByHand(transaction)) {
    const whole = withWholeLineEnds(transaction)
    if (whole !== null) return whole
  }
  const selection = transaction.newSelection
  if (!selection.ranges.some((range) => isBetween(transaction, range))) return transaction
  return [transaction, { selection: outside(transaction, selection), sequential: true }]
}

function isByHand(transaction: Transaction): boolean {
  return transaction.isUserEvent('input') || transaction.isUserEvent('delete')
}

function isBetween(transaction: Transaction, range: SelectionRange): boolean {
  const { newDoc } = transaction
  return splitsLineEnd(newDoc, range.head) || splitsLineEnd(newDoc, range.anchor)
}

function outside(transaction: Transaction, selection: EditorSelection): EditorSelection {
  const step = (at: number) => (splitsLineEnd(transaction.newDoc, at) ? at - 1 : at)
  const ranges = selection.ranges.map((range) =>
    EditorSelection.range(step(range.anchor), step(range.head)),
  )
  return EditorSelection.create(ranges, selection.mainIndex)
}

export function splitsLineEnd(doc: Text, at: number): boolean {
  return at > 0 && at < doc.length && doc.sliceString(at - 1, at + 1) === '\r\n'
}

/** How far what stands behind `at`, in the text as the transaction would have left it, moves. */
interface Shift {
  readonly at: number
  readonly by: number
}

/**
 * What a hand does to the text, with whole line ends: lines typed or pasted among CR LF lines end as theirs do, and a
 * change that would take only half of a line end leaves it, or takes both. Null: nothing to mend.
 */
function withWholeLineEnds(transaction: Transaction) {
  const doc = transaction.startState.doc
  const mended: { from: number; to: number; insert: Text }[] = []
  const shifts: Shift[] = []
  transaction.changes.iterChanges((from, to, fromB, toB, inserted) => {
    const takesLineFeed = from < to && splitsLineEnd(doc, from)
    const takesReturn = from < to && splitsLineEnd(doc, to)
    if (takesLineFeed) shifts.push({ at: fromB - 1, by: -1 })
    const isBare = inserted.lines > 1 && endsInPairs(doc, from)
    const insert = isBare ? pairedLines(inserted, fromB, shifts) : inserted
    if (takesReturn) shifts.push({ at: toB, by: 1 })
    mended.push({ from: takesLineFeed ? from - 1 : from, to: takesReturn ? to - 1 : to, insert })
  }, true)
  if (shifts.length === 0) return null
  const move = (at: number) =>
    at + shifts.reduce((sum, shift) => sum + (shift.at < at ? shift.by : 0), 0)
  const { newSelection } = transaction
  return {
    changes: mended,
    selection: EditorSelection.create(
      newSelection.ranges.map((range) =>
        EditorSelection.range(move(range.anchor), move(range.head)),
      ),
      newSelection.mainIndex,
    ),
    scrollIntoView: transaction.scrollIntoView,
    annotations: Transaction.userEvent.of(transaction.annotation(Transaction.userEvent) ?? 'input'),
    filter: false,
  }
}

/** Judged by the line itself, and for the last line, which has no end, by the one before it. */
function endsInPairs(doc: Text, at: number): boolean {
  const line = doc.lineAt(at)
  if (line.number < doc.lines) return line.text.endsWith('\r')
  return line.number > 1 && doc.line(line.number - 1).text.endsWith('\r')
}

function pairedLines(inserted: Text, at: number, shifts: Shift[]): Text {
  const lines: string[] = []
  let place = at
  let number = 0
  for (const line of inserted.iterLines()) {
    number += 1
    const isLast = number === inserted.lines
    const needs = !isLast && !line.endsWith('\r')
    lines.push(needs ? `${line}\r` : line)
    if (needs) shifts.push({ at: place + line.length, by: 1 })
    place += line.length + 1
  }
  return Text.of(lines)
}
