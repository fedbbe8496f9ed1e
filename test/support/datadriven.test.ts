import { describe, expect, test } from 'vitest'
import { type Case, parseCases, parseDirective, rewrite, runCases } from './datadriven.ts'

function casesOf(...lines: readonly string[]): readonly Case[] {
  const parsed = parseCases(lines.join('\n'))
  if (!parsed.ok) throw new Error(`${parsed.error.line}: ${parsed.error.reason}`)
  return parsed.value
}

function argsOf(line: string): unknown {
  const parsed = parseDirective(line)
  return parsed.ok ? parsed.value.args.map(({ key, values }) => [key, values]) : parsed.error
}

describe('a directive line', () => {
  test.each<[string, unknown]>([
    ['cmd', []],
    [
      '  cmd   a  b ',
      [
        ['a', []],
        ['b', []],
      ],
    ],
    ['cmd k=v', [['k', ['v']]]],
    ['cmd k=', [['k', ['']]]],
    [
      'cmd k= l',
      [
        ['k', ['']],
        ['l', []],
      ],
    ],
    ['cmd k=a=b', [['k', ['a=b']]]],
    ['cmd k=(1,2,  3)', [['k', ['1', '2', '3']]]],
    ['cmd k=()', [['k', ['']]]],
    ['cmd k=(a b ,c)', [['k', ['a b ', 'c']]]],
    ['cmd k=((1,2),f(3,4))', [['k', ['(1,2)', 'f(3,4)']]]],
    [
      'cmd k=1 k=2',
      [
        ['k', ['1']],
        ['k', ['2']],
      ],
    ],
    [
      'propose 1 "foo"',
      [
        ['1', []],
        ['"foo"', []],
      ],
    ],
  ])('%s', (line, expected) => {
    expect(argsOf(line)).toEqual(expected)
  })

  test.each(['cmd k=(1,2', 'cmd =v', 'cmd k=((1)'])('%s cannot be parsed', (line) => {
    expect(argsOf(line)).toMatch('cannot parse the directive at column 5')
  })
})

describe('a file', () => {
  test('skips blank lines and comments before a directive, and nowhere else', () => {
    const [first, ...more] = casesOf(
      '# one',
      '',
      '## two',
      'cmd',
      '# input',
      '----',
      '# output',
      '',
    )
    expect(more).toEqual([])
    expect(first?.directive).toEqual({ command: 'cmd', args: [], input: '# input', line: 4 })
    expect(first?.expected).toBe('# output\n')
  })

  test('joins lines that end in a backslash with one blank', () => {
    const [first] = casesOf('cmd a \\', '   b=(1,\\', '2)', '----', 'ok')
    expect(first?.directive.args).toEqual([
      { key: 'a', values: [] },
      { key: 'b', values: ['1', '2'] },
    ])
  })

  test('trims the input as a whole, and the separator not at all', () => {
    const [first] = casesOf('cmd', '', '  a', ' ----', 'b ', '', '----', 'ok')
    expect(first?.directive.input).toBe('a\n ----\nb')
  })

  test('ends the output at a line of nothing but white space', () => {
    const cases = casesOf('one', '----', 'a', ' ', 'two', '----', 'b')
    expect(cases.map(({ expected }) => expected)).toEqual(['a\n', 'b\n'])
  })

  test('keeps blank lines between double separators, where a single one is text', () => {
    const cases = casesOf(
      'one',
      '----',
      '----',
      'a',
      '',
      '----',
      'b',
      '----',
      '----',
      '',
      'two',
      '----',
    )
    expect(cases.map(({ expected }) => expected)).toEqual(['a\n\n----\nb\n', ''])
  })

  test('may end in the middle of a case', () => {
    expect(casesOf('cmd', 'input').map(({ expected }) => expected)).toEqual([''])
    expect(casesOf('cmd', '----').map(({ expected }) => expected)).toEqual([''])
    expect(casesOf('cmd', '----', '----', 'a').map(({ expected }) => expected)).toEqual(['a\n'])
  })

  test('has lines that end in a carriage return too', () => {
    expect(casesOf('cmd\r', '----\r', 'a\r', '\r').map(({ expected }) => expected)).toEqual(['a\n'])
  })

  test('may be divided into subtests, which have neither input nor output', () => {
    const cases = casesOf(
      'subtest a',
      '',
      'one',
      '----',
      'x',
      '',
      'subtest end a',
      'two',
      '----',
      'y',
    )
    expect(cases.map(({ directive }) => directive.command)).toEqual(['one', 'two'])
  })

  test.each<[string, number, readonly string[]]>([
    ['a list without an end', 4, ['one', '----', '', 'cmd k=(1', '----']],
    ['text behind a double separator', 6, ['one', '----', '----', '----', '----', 'x']],
    ['a subtest that ends and never began', 1, ['subtest end']],
    ['a subtest that ends inside of another', 3, ['subtest a', 'subtest b', 'subtest end a']],
    ['a subtest that never ends', 3, ['subtest a', 'one', '----']],
  ])('is refused with its line: %s', (_, line, lines) => {
    expect(parseCases(lines.join('\n'))).toMatchObject({ ok: false, error: { line } })
  })
})

describe('running', () => {
  const cases = casesOf(
    'one',
    '----',
    'one',
    '',
    'two',
    '----',
    'other',
    '',
    'three',
    '----',
    'three',
  )

  test('compares byte for byte, after a newline at the end, and goes on after a mismatch', () => {
    const results = runCases(cases, ({ command }) => command)
    expect(results.map(({ passed }) => passed)).toEqual([true, false, true])
    expect(results[1]?.actual).toBe('two\n')
  })

  test('of no output is no output', () => {
    const [result] = runCases(casesOf('cmd', '----'), () => '')
    expect(result).toMatchObject({ passed: true, actual: '' })
  })

  test('ends with a throw: that case fails, and all after it', () => {
    const results = runCases(cases, ({ command }) => {
      if (command === 'two') throw new Error('broken')
      return command
    })
    expect(results.map(({ passed }) => passed)).toEqual([true, false, false])
    expect(results[1]?.thrown).toBe('broken')
  })
})

describe('rewriting', () => {
  const text = ['# a comment', 'one \\', '  k', ' input', '----', 'old', '', '', '# end', ''].join(
    '\n',
  )

  function rewritten(from: string, output: string): string {
    return rewrite(
      from,
      runCases(casesOf(from), () => output),
    )
  }

  test('replaces the output and nothing else', () => {
    expect(rewritten(text, 'new')).toBe(text.replace('old', 'new'))
    expect(rewritten(text, 'old')).toBe(text)
  })

  test('uses the double form when the output has a blank line, and only then', () => {
    const doubled = rewritten('cmd\n----\nold\n', 'a\n\nb')
    expect(doubled).toBe('cmd\n----\n----\na\n\nb\n----\n----\n')
    expect(rewritten(doubled, 'a\n\nb')).toBe(doubled)
    expect(rewritten(doubled, 'a')).toBe('cmd\n----\na\n')
  })

  test('gives a case that had no output one', () => {
    expect(rewritten('cmd\ninput\n', 'new')).toBe('cmd\ninput\n----\nnew\n')
  })

  test('leaves a case alone that threw', () => {
    const results = runCases(casesOf(text), () => {
      throw new Error('broken')
    })
    expect(rewrite(text, results)).toBe(text)
  })
})
