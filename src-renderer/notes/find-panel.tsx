import {
  closeSearchPanel,
  findNext,
  findPrevious,
  getSearchQuery,
  replaceAll,
  replaceNext,
  SearchQuery,
  search,
  setSearchQuery,
} from '@codemirror/search'
import type { Extension } from '@codemirror/state'
import { type EditorView, type Panel, runScopeHandlers } from '@codemirror/view'
import { CaseSensitive, ChevronDown, ChevronUp, Replace, X } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { Button, IconButton } from '../ui/button.tsx'
import { createStore, type Readable, useStore } from '../ui/store.ts'
import './find-panel.css'

/** More matches than these are not counted: one does not walk through them either. */
export const countedMatchesMax = 999

/** Find in this note: the editor's search, with a panel of the window's own. */
export function findPanel(): Extension {
  return search({ top: true, literal: true, createPanel })
}

function createPanel(view: EditorView): Panel {
  const dom = document.createElement('div')
  const changes = createStore(0)
  const root = createRoot(dom)
  // At once, so that the next key already goes into the field and not into the note.
  flushSync(() => root.render(<FindBar view={view} changes={changes} />))
  return {
    dom,
    top: true,
    mount: () => {
      const field = dom.querySelector<HTMLInputElement>('[main-field]')
      field?.focus()
      field?.select()
    },
    update: () => changes.set(changes.get() + 1),
    // Not within the editor's own update: React may be drawing at this moment.
    destroy: () => void setTimeout(() => root.unmount()),
  }
}

interface FindBarProps {
  readonly view: EditorView
  readonly changes: Readable<number>
}

function FindBar({ view, changes }: FindBarProps) {
  useStore(changes)
  const [isReplacing, setReplacing] = useState(false)
  const query = getSearchQuery(view.state)
  const { isReadOnly, words } = { isReadOnly: view.state.readOnly, words: matchWords(view, query) }
  const change = (part: { search?: string; replace?: string; caseSensitive?: boolean }): void => {
    const { search: wanted, replace, caseSensitive } = { ...query, ...part }
    const next = new SearchQuery({ search: wanted, replace, caseSensitive, literal: true })
    view.dispatch({ effects: setSearchQuery.of(next) })
  }
  const keys = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return
    if (runScopeHandlers(view, event.nativeEvent, 'search-panel')) event.preventDefault()
  }
  const find = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return
    event.preventDefault()
    if (event.shiftKey) findPrevious(view)
    else findNext(view)
  }
  return (
    <search className="find" onKeyDown={keys}>
      <div className="find-line">
        <input
          className="find-field"
          aria-label="Find in this note"
          placeholder="Find"
          value={query.search}
          spellCheck={false}
          main-field="true"
          onChange={(event) => change({ search: event.target.value })}
          onKeyDown={find}
        />
        <span className="find-count" role="status">
          {words}
        </span>
        <IconButton label="Previous match" keys="Shift-Enter" onClick={() => findPrevious(view)}>
          <ChevronUp size={17} aria-hidden />
        </IconButton>
        <IconButton label="Next match" keys="Enter" onClick={() => findNext(view)}>
          <ChevronDown size={17} aria-hidden />
        </IconButton>
        <IconButton
          label="Match capitals"
          pressed={query.caseSensitive}
          onClick={() => change({ caseSensitive: !query.caseSensitive })}
        >
          <CaseSensitive size={18} aria-hidden />
        </IconButton>
        <IconButton
          label="Replace"
          pressed={isReplacing}
          blocked={isReadOnly ? 'This note cannot be changed now.' : null}
          onClick={() => setReplacing(!isReplacing)}
        >
          <Replace size={16} aria-hidden />
        </IconButton>
        <IconButton label="Close" keys="Esc" onClick={() => closeSearchPanel(view)}>
          <X size={17} aria-hidden />
        </IconButton>
      </div>
      {isReplacing && !isReadOnly ? (
        <div className="find-line">
          <input
            className="find-field"
            aria-label="Replace with"
            placeholder="Replace with"
            value={query.replace}
            spellCheck={false}
            onChange={(event) => change({ replace: event.target.value })}
          />
          <Button onClick={() => replaceNext(view)}>Replace</Button>
          <Button onClick={() => replaceAll(view)}>All</Button>
        </div>
      ) : null}
    </search>
  )
}

/** "2 of 5"; without a match at the cursor "5 found". */
function matchWords(view: EditorView, query: SearchQuery): string {
  if (query.search === '' || !query.valid) return ''
  const { from, to } = view.state.selection.main
  let [total, current] = [0, 0]
  for (const match of matches(view, query)) {
    total += 1
    if (match.from === from && match.to === to) current = total
    if (total > countedMatchesMax) return `${countedMatchesMax}+ found`
  }
  if (total === 0) return 'None'
  return current === 0 ? `${total} found` : `${current} of ${total}`
}

function* matches(view: EditorView, query: SearchQuery) {
  const cursor = query.getCursor(view.state)
  for (let next = cursor.next(); next.done !== true; next = cursor.next()) yield next.value
}
