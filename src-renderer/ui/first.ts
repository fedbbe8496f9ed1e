/**
 * For the control of a dialogue that has the focus when it opens. A modal dialogue gives the focus to its first control by
 * itself, and React's `autoFocus` comes before it is open; so it is marked, too.
 */
export const first = { autoFocus: true, 'data-first': '' } as const

export function focusFirst(dialog: HTMLElement): void {
  dialog.querySelector<HTMLElement>('[data-first]')?.focus()
}
