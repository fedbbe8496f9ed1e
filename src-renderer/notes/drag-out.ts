/** A note dragged out of the window becomes a Markdown file where it is dropped, or its text in a text field. */
export function dragOut(data: DataTransfer, title: string, text: string): void {
  const file = new Blob([text], { type: 'text/markdown' })
  const address = URL.createObjectURL(file)
  data.effectAllowed = 'copy'
  data.setData('text/plain', text)
  data.setData('DownloadURL', `text/markdown:${fileName(title)}:${address}`)
  setTimeout(() => URL.revokeObjectURL(address), 10 * 60_000)
}

/** No separator, no colon, no control character, no dot in front: a name on every system. */
export function fileName(title: string): string {
  const plain = title
    .replaceAll(/[\p{Cc}\p{Cf}\\/:*?"<>|]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '')
    .slice(0, 100)
  return `${plain === '' ? 'Note' : plain}.md`
}
