import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { read } from './support/sources.ts';

const DOCS = ['docs/hazards.md', 'docs/risk.md', 'docs/threats.md'];
const TEST = /`([\w/.-]+\.test\.ts)`(?: \*([^*]+)\*)?/g;
const PATH = /`([a-z][\w-]*\/[\w/.-]+)`/g;

/** Cells of the rows of every table of a document, head left out. */
function rows(doc: string): string[][] {
  const lines = read(doc).split('\n');
  return lines
    .filter((line, i) => line.startsWith('|') && !/^\|[-| ]+\|$/.test(line) && !/^\|[-| ]+\|$/.test(lines[i + 1] ?? ''))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

/** Numbered things, e.g. UCA-3, that a text names. */
const named = (text: string, kind: string) => [...text.matchAll(new RegExp(`\\b${kind}-\\d+`, 'g'))].map(([id]) => id);
const starts = (kind: string) => rows('docs/hazards.md').filter(([id]) => new RegExp(`^${kind}-\\d+$`).test(id));

describe.each(DOCS)('%s', (doc) => {
  it('names only files that exist', () => {
    const paths = [...read(doc).matchAll(PATH)].map(([, path]) => path);
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !existsSync(join(PACKAGE_ROOT, path)))).toEqual([]);
  });

  it('names only tests that exist, by their titles', () => {
    const missing = [...read(doc).matchAll(TEST)].filter(([, file, title]) => {
      if (!existsSync(join(PACKAGE_ROOT, file))) return true;
      return title !== undefined && !read(file).includes(title);
    });
    expect(missing.map(([text]) => text)).toEqual([]);
  });
});

describe('the hazard analysis', () => {
  const constraints = starts('SC');

  it('leads from every hazard to a loss, and from every unsafe action to a hazard', () => {
    const losses = starts('L').map(([id]) => id);
    const hazards = starts('H').map(([id]) => id);
    for (const row of starts('H')) {
      expect(named(row[2], 'L').length, row[0]).toBeGreaterThan(0);
      expect(losses).toEqual(expect.arrayContaining(named(row[2], 'L')));
    }
    const actions = [...read('docs/hazards.md').matchAll(/UCA-\d+ [^|(]+\(([^)]+)\)/g)];
    expect(actions.length).toBe(unsafeActions().length);
    for (const [text, causes] of actions) {
      expect(named(causes, 'H').length, text).toBeGreaterThan(0);
      expect(hazards).toEqual(expect.arrayContaining(named(causes, 'H')));
    }
  });

  it('forbids every unsafe action by a constraint that a test with a title holds', () => {
    const forbidden = constraints.flatMap((row) => named(row[2], 'UCA'));
    expect(unsafeActions().filter((id) => !forbidden.includes(id))).toEqual([]);
    expect(forbidden.filter((id) => !unsafeActions().includes(id))).toEqual([]);
    for (const row of constraints) {
      const tests = [...row[4].matchAll(TEST)];
      expect(tests.length, row[0]).toBeGreaterThan(0);
      expect(
        tests.every(([, , title]) => title !== undefined),
        row[0],
      ).toBe(true);
      expect([...row[3].matchAll(PATH)].length, row[0]).toBeGreaterThan(0);
    }
  });

  it('numbers each thing once', () => {
    for (const kind of ['L', 'H', 'SC']) {
      const ids = starts(kind).map(([id]) => id);
      expect(ids).toEqual(ids.map((_, i) => `${kind}-${i + 1}`));
    }
    expect(unsafeActions()).toEqual(unsafeActions().map((_, i) => `UCA-${i + 1}`));
  });

  function unsafeActions(): string[] {
    return [...read('docs/hazards.md').matchAll(/\b(UCA-\d+) [a-z]/g)].map(([, id]) => id);
  }
});

describe('the risk table', () => {
  it('has a row for every category of Govern, Map, Measure and Manage, with what does it', () => {
    const categories = { GOVERN: 6, MAP: 5, MEASURE: 4, MANAGE: 4 };
    for (const [part, count] of Object.entries(categories)) {
      for (let i = 1; i <= count; i++) {
        const row = rows('docs/risk.md').find(([id]) => id === `${part} ${i}`);
        expect(row, `${part} ${i}`).toBeDefined();
        expect([...(row?.join(' ') ?? '').matchAll(PATH)].length, `${part} ${i}`).toBeGreaterThan(0);
      }
    }
  });
});

describe('the threat table', () => {
  it('names attacker, asset, technique, control and test of each', () => {
    const threats = rows('docs/threats.md').filter(([id]) => /^T-\d+$/.test(id));
    expect(threats.length).toBeGreaterThanOrEqual(7);
    for (const [id, ...cells] of threats) {
      expect(cells, id).toHaveLength(6);
      expect(cells[3], id).toMatch(/AML\.T\d{4}|ATT&CK T\d{4}/);
      expect([...cells[4].matchAll(PATH)].length, id).toBeGreaterThan(0);
      expect([...cells[5].matchAll(TEST)].length, id).toBeGreaterThan(0);
    }
  });
});
