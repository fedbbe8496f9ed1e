import { EditorView } from '@codemirror/view'
import { type KeptPlace, keepPlace, placeOf } from './places-kept.ts'
import type { NoteSession } from './session.ts'

/** A composition's last change is read from the page a moment after it ended. */
const afterCompositionMs = 80

/** Puts the session's text on the screen, where it was last time. The answer takes it off again. */
export function showEditor(
  session: NoteSession,
  parent: HTMLElement,
  onView: (view: EditorView | null) => void,
): () => void {
  const kept = session.id === null ? null : placeOf(session.id)
  const view = new EditorView({
    parent,
    state: session.state,
    ...(kept === null ? {} : { scrollTo: topAt(session, kept) }),
    dispatchTransactions: (transactions, target) => {
      target.update(transactions)
      session.took(target.state, transactions)
    },
  })
  session.attach(view)
  restoreCursor(view, kept)
  const ended = (): void => {
    setTimeout(() => session.compositionEnded(), afterCompositionMs)
  }
  view.contentDOM.addEventListener('compositionend', ended)
  onView(view)
  return () => {
    if (session.id !== null) keepPlace(session.id, placeIn(view))
    view.contentDOM.removeEventListener('compositionend', ended)
    onView(null)
    session.detach()
    view.destroy()
  }
}

function topAt(session: NoteSession, { top }: KeptPlace) {
  const at = Math.min(top, session.state.doc.length)
  return EditorView.scrollIntoView(at, { y: 'start', yMargin: 0 })
}

/** Only where the session does not remember better: it was opened anew. */
function restoreCursor(view: EditorView, kept: KeptPlace | null): void {
  const { main } = view.state.selection
  if (kept === null || main.anchor !== 0 || main.head !== 0) return
  const end = view.state.doc.length
  view.dispatch({
    selection: { anchor: Math.min(kept.anchor, end), head: Math.min(kept.head, end) },
  })
}

function placeIn(view: EditorView): KeptPlace {
  const { anchor, head } = view.state.selection.main
  const top = view.lineBlockAtHeight(view.scrollDOM.scrollTop - view.documentPadding.top).from
  return { anchor, head, top: view.scrollDOM.scrollTop < 4 ? 0 : top }
}
