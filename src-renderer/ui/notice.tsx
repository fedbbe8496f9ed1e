import { X } from 'lucide-react'
import type { Notices } from './announce.ts'
import { Button, IconButton } from './button.tsx'
import { useStore } from './store.ts'
import './notice.css'

export function NoticeBar({ notices }: { readonly notices: Notices }) {
  const notice = useStore(notices)
  return (
    <div className="notice-place" role="status" aria-live="polite">
      {notice === null ? null : (
        <div className="notice" key={notice.id}>
          <span className="notice-text">{notice.text}</span>
          {notice.act === null ? null : (
            <Button
              look="quiet"
              onClick={() => {
                notice.act?.run()
                notices.clear()
              }}
            >
              {notice.act.label}
            </Button>
          )}
          <IconButton label="Dismiss" onClick={() => notices.clear()}>
            <X size={15} aria-hidden />
          </IconButton>
        </div>
      )}
    </div>
  )
}
