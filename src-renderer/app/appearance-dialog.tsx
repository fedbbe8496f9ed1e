import { Dialog } from '../ui/dialog.tsx'
import { first } from '../ui/first.ts'
import { useStore } from '../ui/store.ts'
import type { Appearance, Looks } from './appearance.ts'
import './appearance-dialog.css'

const themes: readonly (readonly [Appearance['theme'], string])[] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
]

const faces: readonly (readonly [Appearance['face'], string])[] = [
  ['serif', 'Serif'],
  ['sans', 'Sans'],
  ['mono', 'Typewriter'],
]

export function AppearanceDialog({
  looks,
  onClose,
}: {
  readonly looks: Looks
  readonly onClose: () => void
}) {
  const { theme, face } = useStore(looks)
  return (
    <Dialog title="Appearance" onClose={onClose}>
      <div className="dialog-body looks">
        <Choices
          legend="Colours"
          name="theme"
          choices={themes}
          chosen={theme}
          onChoose={(next) => looks.choose({ theme: next })}
        />
        <Choices
          legend="Reading face"
          name="face"
          choices={faces}
          chosen={face}
          onChoose={(next) => looks.choose({ face: next })}
        />
        <p className="looks-sample">
          What one writes down twice, in two places, is written down. The rest is hope.
        </p>
      </div>
    </Dialog>
  )
}

interface ChoicesProps<T extends string> {
  readonly legend: string
  readonly name: string
  readonly choices: readonly (readonly [T, string])[]
  readonly chosen: T
  readonly onChoose: (choice: T) => void
}

function Choices<T extends string>({ legend, name, choices, chosen, onChoose }: ChoicesProps<T>) {
  return (
    <fieldset className="choices">
      <legend>{legend}</legend>
      <div className="choices-line">
        {choices.map(([value, label]) => (
          <label key={value} className={`choice choice-${value}`}>
            <input
              type="radio"
              name={name}
              value={value}
              checked={value === chosen}
              {...(value === chosen && name === 'theme' ? first : {})}
              onChange={() => onChoose(value)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
