import { type CommandId, commands } from '../../src-shared/ipc/commands.ts'
import { type Choice, Picker } from '../ui/picker.tsx'

interface PaletteProps {
  readonly keysOf: (command: CommandId) => string | null
  readonly blockedOf: (command: CommandId) => string | null
  readonly run: (command: CommandId) => void
  readonly onClose: () => void
}

export function Palette({ keysOf, blockedOf, run, onClose }: PaletteProps) {
  const choices = (typed: string): readonly Choice[] => {
    const words = typed.toLowerCase().split(/\s+/)
    return commands
      .filter(({ id }) => id !== 'app.commands')
      .filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)))
      .map(({ id, label }) => ({
        key: id,
        label,
        blocked: blockedOf(id),
        ...(keysOf(id) === null ? {} : { aside: <kbd>{keysOf(id)}</kbd> }),
      }))
  }
  return (
    <Picker
      title="Commands"
      placeholder="What would you like to do?"
      choices={choices}
      nothing={(typed) => `There is no command “${typed.trim()}”.`}
      onChoose={(key) => run(key as CommandId)}
      onClose={onClose}
    />
  )
}
