/**
 * A change set in the JSON form of CodeMirror's ChangeSet: a number keeps that many UTF-16 units; `[n]` deletes n;
 * `[n, line, line …]` replaces n units by the lines, joined with "\n" (n may be 0).
 */
export type Changes = readonly (number | readonly [number, ...string[]])[]
