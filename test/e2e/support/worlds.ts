import type { MemberStatus, Status } from '../../../src-shared/ipc/contract.ts'
import type { NewFakeNote } from './fake-notes.ts'

/** Groups and notes to look at. */

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()

function member(part: Partial<MemberStatus> & Pick<MemberStatus, 'id' | 'name'>): MemberStatus {
  return {
    role: 'voter',
    online: true,
    matchIndex: 5_318,
    holds: 1_204,
    isLeader: false,
    isSelf: false,
    removed: false,
    addresses: ['192.168.1.20:47110'],
    lastSeen: minutesAgo(0),
    ...part,
  }
}

export const laptop = member({
  id: '11',
  name: 'Laptop',
  isSelf: true,
  addresses: ['192.168.1.14:47110'],
})
export const desktop = member({ id: '22', name: 'Desktop', isLeader: true })
export const thinkpad = member({
  id: '33',
  name: 'ThinkPad',
  addresses: ['192.168.1.31:47110', '[fe80::4c2]:47110'],
})

const base: Status = {
  device: { id: '11', name: 'Laptop', role: 'follower' },
  cluster: {
    id: '9f2c61d08a7b4e35b1c04d7722e8a6f1',
    term: 7,
    leaderId: '22',
    commitIndex: 5_318,
    appliedIndex: 5_318,
  },
  members: [laptop, desktop, thinkpad],
  notes: { total: 1_204 },
  outbox: { pending: 0, oldest: null },
  trouble: null,
  sentence: 'All notes are on all 3 devices.',
  version: '0.1.0',
  details: [
    { label: 'Log', value: '1,318 entries, 412 KiB' },
    { label: 'Snapshot', value: 'index 4,000, 2.1 MiB' },
    { label: 'Peer address', value: '192.168.1.14:47110' },
    { label: 'Data directory', value: 'quire' },
  ],
}

export const groups = {
  allHere: base,
  alone: {
    ...base,
    device: { ...base.device, role: 'leader' },
    cluster: { ...base.cluster, leaderId: '11' },
    members: [{ ...laptop, isLeader: true }],
    sentence: 'All notes are saved on this device.',
  },
  firstRun: {
    ...base,
    device: { ...base.device, role: 'leader' },
    cluster: { ...base.cluster, leaderId: '11', commitIndex: 1, appliedIndex: 1, term: 1 },
    members: [{ ...laptop, isLeader: true, holds: 0 }],
    notes: { total: 0 },
    sentence: 'Just write. Everything is kept on this device.',
  },
  oneAsleep: {
    ...base,
    members: [
      laptop,
      desktop,
      { ...thinkpad, online: false, holds: 1_180, matchIndex: 5_102, lastSeen: minutesAgo(140) },
    ],
    sentence: 'All notes are safe on 2 of 3 devices. ThinkPad is asleep.',
  },
  noMajority: {
    ...base,
    device: { ...base.device, role: 'precandidate' },
    cluster: { ...base.cluster, leaderId: null },
    members: [
      laptop,
      {
        ...desktop,
        isLeader: false,
        online: false,
        holds: null,
        matchIndex: null,
        lastSeen: minutesAgo(64),
      },
      { ...thinkpad, online: false, holds: null, matchIndex: null, lastSeen: minutesAgo(190) },
    ],
    outbox: { pending: 3, oldest: minutesAgo(64) },
    sentence: 'Desktop and ThinkPad are asleep. Your edits are kept here.',
    trouble:
      'Desktop and ThinkPad are asleep. Your edits are kept here and will be shared when one of them wakes.',
  },
  removed: {
    ...base,
    device: { ...base.device, role: 'removed' },
    cluster: { ...base.cluster, leaderId: null },
    members: [laptop, { ...desktop, online: null, isLeader: false }],
    outbox: { pending: 2, oldest: minutesAgo(30) },
    sentence: 'This device was removed from the group.',
    trouble:
      'Desktop removed this device from the group. Your notes can be read and exported here; 2 edits never reached the others.',
  },
  diskFull: {
    ...base,
    sentence: 'The disk is full. Your notes can be read.',
    trouble:
      'The disk of this device is full, so nothing new is taken. All that was saved is kept. Free some space, and writing goes on by itself.',
  },
  versionBehind: {
    ...base,
    sentence: 'This device needs a newer Quire.',
    trouble:
      'Another device writes in a newer way that this version cannot read. Everything so far is kept. Update Quire here to see the rest.',
  },
  repairing: {
    ...base,
    sentence: 'Part of the storage was damaged and is being fetched again.',
    trouble:
      'A file of this device was damaged. It was set aside, and its notes are fetched again from Desktop. Nothing that was safe is lost.',
  },
  catchingUp: {
    ...base,
    members: [
      laptop,
      desktop,
      member({
        id: '44',
        name: 'Pi in the cupboard',
        role: 'learner',
        holds: 812,
        matchIndex: 3_904,
      }),
    ],
    sentence: 'All notes are on 2 devices. Pi in the cupboard is catching up.',
  },
} satisfies Record<string, Status>

const sourdough = `# Sourdough, the version that works

Three years of notes, boiled down. The secret is *time*, not technique: a **slow cold rise** forgives almost everything.

## The night before

- 100 g starter, fed in the morning and bubbling
- 350 g water, not warm, and 500 g flour: half strong white, the rest whatever is in the cupboard, though rye wants a little more water than you think
- 10 g salt, but only after the first half hour

> If it smells like yoghurt it is happy. If it smells like nail varnish, feed it twice and wait a day.

## Folding

1. Stretch and fold four times, every thirty minutes
2. Rest until it has grown by half
3. Into the basket, then the fridge for 12 to 18 hours

- [x] Ask Mira for her grandmother's rye
- [ ] Try the \`80 %\` one again in October

\`\`\`js
const hydration = (water, flour) => Math.round((water / flour) * 100)
hydration(350, 500) // 70
\`\`\`

More at [the bakery's own page](https://example.org/bread).
`

const devices = (state: 'saved' | 'safe' | 'all', holders: number, members = 3) => ({
  state,
  holders,
  members,
})

/** In the order of the list. */
export const someNotes: readonly NewFakeNote[] = [
  { body: sourdough, tags: ['kitchen', 'recipes'], pinned: true, age: 3 },
  {
    body: '# Reading list\n\n- The Peregrine, J. A. Baker\n- Seeing Like a State\n- A Pattern Language, again\n',
    tags: ['books'],
    pinned: true,
    age: 60 * 26,
  },
  {
    body: 'Call with Anouk about the lease\n\nShe can move the date to the 14th. Ask for the *written* version before Friday, and whether the cellar is part of it.',
    tags: ['flat'],
    age: 1,
    durability: devices('safe', 2),
    pending: 0,
  },
  {
    body: '# Garden, spring\n\nBroad beans in the north bed, under fleece. The quince wants pruning before the buds show.',
    tags: ['garden'],
    age: 42,
    durability: devices('safe', 2),
  },
  {
    body: '# Talk: what “saved” means\n\nOpen with the lost thesis. Then the three promises, each with the machine that keeps it.',
    tags: ['work', 'talks'],
    age: 95,
  },
  {
    body: 'Packing for the coast\n\n- [ ] Good knife\n- [ ] Tide table\n- [x] Second jumper',
    age: 60 * 5,
  },
  {
    body: '# Omas Pflaumenkuchen\n\nHefe, keine Eier im Teig. Die Zwetschgen dicht an dicht, wie Schindeln.',
    tags: ['work'],
    age: 60 * 22,
  },
  {
    body: '# Letter to the council\n\nRegarding the lime trees on the north side of the square',
    tags: ['letters'],
    age: 60 * 30,
  },
  {
    body: 'Measurements\n\nAlcove 1,184 × 412. Ceiling slopes from 2,310 to 2,255.',
    tags: ['flat'],
    age: 60 * 49,
  },
  {
    body: '# Why the tests were slow\n\nNot the disk. Every one of them started its own clock.',
    tags: ['work'],
    age: 60 * 75,
  },
  {
    body: 'Wine from the evening at Jonas’\n\nThe orange one: Radikon, 2016. Not the other.',
    age: 60 * 24 * 6,
  },
  {
    body: '# Bicycle\n\nRear hub service due at 6,000 km. Chain: 11-speed, 116 links.',
    age: 60 * 24 * 9,
  },
  {
    body: '# Ideas for the small room\n\nA desk along the whole window. Nothing on the floor.',
    tags: ['flat'],
    age: 60 * 24 * 15,
  },
  {
    body: 'Lisbon, four days\n\nTram early, museum late. Book the tile place on the hill.',
    tags: ['travel'],
    age: 60 * 24 * 33,
  },
  {
    body: '# Phrases worth keeping\n\n“The map is not the territory, but it is on the table.”',
    tags: ['books'],
    age: 60 * 24 * 61,
  },
  { body: 'Old packing list', trashed: true, age: 60 * 24 * 3 },
  {
    body: '# Draft that went nowhere\n\nA beginning without a middle.',
    trashed: true,
    age: 60 * 24 * 12,
  },
]

export function manyNotes(number: number): readonly NewFakeNote[] {
  const topics = ['Meeting', 'Recipe', 'Letter', 'Idea', 'List', 'Plan', 'Note on']
  return Array.from({ length: number }, (_, at) => ({
    body: `# ${topics[at % topics.length]} ${at + 1}\n\nThe ${at + 1}. of many, with a few words to look at.`,
    tags: [`tag ${at % 12}`],
    age: at * 7,
  }))
}
