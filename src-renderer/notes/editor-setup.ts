import { defaultKeymap, history, historyKeymap, redo } from '@codemirror/commands'
import { markdown, markdownKeymap, markdownLanguage } from '@codemirror/lang-markdown'
import { languages } from '@codemirror/language-data'
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightSpecialChars,
  keymap,
  placeholder,
} from '@codemirror/view'
import type { MarkdownExtension } from '@lezer/markdown'
import { findPanel } from './find-panel.tsx'
import { lineEnds } from './line-ends.ts'
import { addressAt } from './links.ts'
import { markdownKeys } from './markdown-keys.ts'
import { markdownLook } from './markdown-look.ts'

/** Whether the note may be written in: not while it lies in the trash, nor on a device that was removed. */
const writable = new Compartment()

export interface EditorPorts {
  /** For the editor's own style sheet, under the strict content security policy. */
  readonly nonce: string
  openLink(address: string): void
}

export function editorExtensions({ nonce, openLink }: EditorPorts): Extension {
  return [
    EditorState.lineSeparator.of('\n'),
    EditorState.allowMultipleSelections.of(true),
    EditorView.cspNonce.of(nonce),
    writable.of([]),
    history(),
    drawSelection(),
    dropCursor(),
    EditorView.lineWrapping,
    // All control characters but the carriage return of a line end, which is no one's business on the screen.
    highlightSpecialChars({ specialChars: specialCharacters }),
    markdown({
      base: markdownLanguage,
      codeLanguages: languages,
      addKeymap: false,
      extensions: boundedParagraphs,
    }),
    markdownLook(),
    lineEnds(),
    findPanel(),
    highlightSelectionMatches({ minSelectionLength: 3, wholeWords: true }),
    placeholder('Start writing.'),
    EditorView.contentAttributes.of({
      'aria-label': 'Note',
      tabindex: '0',
      spellcheck: 'true',
      autocorrect: 'on',
      autocapitalize: 'sentences',
    }),
    linkClicks(openLink),
    // A clipboard of another system brings CR LF; a text of LF lines stays one.
    EditorView.clipboardInputFilter.of((text) => text.replaceAll('\r\n', '\n')),
    keymap.of([...markdownKeys, ...markdownKeymap, ...editorKeys]),
  ]
}

/** Joiners and tags inside of emoji and of some scripts belong to what one sees. */
const specialCharacters =
  /(?![\t\r]|\u200c|\u200d|[\u{e0020}-\u{e007f}])[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** What the window's own table of commands gives these keys wins. */
const claimed = new Set(['Mod-i', 'Shift-Mod-k', 'Mod-d', 'Mod-Shift-l', 'Mod-Alt-g'])

const editorKeys = [
  ...[...defaultKeymap, ...historyKeymap, ...searchKeymap].filter(
    ({ key }) => !claimed.has(key ?? ''),
  ),
  { key: 'Mod-Shift-z', run: redo, preventDefault: true },
]

/** Above this, in UTF-16 units, a paragraph without an empty line is highlighted as several. */
export const paragraphUnitsMax = 16_384

/** The parser takes a paragraph as a whole at every key in it; a log file of megabytes is one paragraph. */
const boundedParagraphs: MarkdownExtension = {
  parseBlock: [
    {
      name: 'BoundedParagraph',
      endLeaf: (_context, _line, leaf) => leaf.content.length > paragraphUnitsMax,
    },
  ],
}

export function setWritable(view: EditorView, isWritable: boolean): void {
  if (view.state.readOnly !== isWritable) return
  const closed = [EditorState.readOnly.of(true), EditorView.editable.of(false), readable]
  view.dispatch({ effects: writable.reconfigure(isWritable ? [] : closed) })
}

/** A text that cannot be edited can still be reached and read by keyboard. */
const readable = EditorView.contentAttributes.of({ 'aria-readonly': 'true' })

function linkClicks(openLink: (address: string) => void): Extension {
  return EditorView.domEventHandlers({
    click: (event, view) => {
      if (!(event.ctrlKey || event.metaKey)) return false
      const at = view.posAtCoords({ x: event.clientX, y: event.clientY })
      const address = at === null ? null : addressAt(view.state, at)
      if (address === null) return false
      event.preventDefault()
      openLink(address)
      return true
    },
  })
}
