import { createRng, InputError } from '../../contracts/index.ts';
import type { DatasetEpisode } from '../dataset/schema.ts';
import { fieldOf, similarFields } from './fields.ts';

/** Short names of what is mostly balanced over. */
const SHORT: Readonly<Record<string, string>> = {
  outcome: 'outcome.success',
  robot: 'robot.name',
  policy: 'lineage.policy',
  source: 'lineage.source',
  stage: 'outcome.stage',
};

/** Episodes that are equal in every field that is balanced over. */
export interface Cell {
  /** The value of each field, as text. */
  readonly values: readonly string[];
  readonly there: number;
  readonly taken: number;
}

export interface BalancedSubset {
  /** In the order they came in. */
  readonly episodes: readonly DatasetEpisode[];
  readonly cells: readonly Cell[];
  /** What could not be balanced, in words; empty where all is. */
  readonly said: readonly string[];
}

export interface BalancedWeights {
  /** By id; their mean is 1. */
  readonly weights: ReadonlyMap<string, number>;
  readonly said: readonly string[];
}

/** Reads `task,objects,outcome`. Throws an InputError for what is no field. */
export function parseBalance(text: string): readonly string[] {
  return text.split(',').map((part) => {
    const name = part.trim();
    const full = SHORT[name] ?? name;
    if (fieldOf(full) !== null) return full;
    throw new InputError(`balance ${name}`, `is no field; there is ${similarFields(full).join(', ')}`);
  });
}

/**
 * Draws a subset with equal shares of every combination of the fields that occurs: as many of each as the rarest has. With
 * `most`, that many in all, where rare combinations give all they have and others as much as is left for each.
 * Equal input and seed give equal subsets, in any order of episodes.
 */
export function balancedSubset(
  episodes: readonly DatasetEpisode[],
  fields: readonly string[],
  seed: number,
  most?: number,
): BalancedSubset {
  const cells = cellsOf(episodes, fields);
  const sizes = cells.map(({ members }) => members.length);
  const quotas = most === undefined ? sizes.map(() => Math.min(...sizes)) : filled(sizes, most);
  const chosen = new Set<string>();
  for (const [k, { values, members }] of cells.entries()) {
    const rng = createRng(seed, `balance/${values.join('/')}`);
    for (const { id } of drawn(members, quotas[k], (n) => rng.int(n))) chosen.add(id);
  }
  const taken = cells.map(({ values, members }, k) => ({ values, there: members.length, taken: quotas[k] }));
  const highest = Math.max(0, ...quotas);
  const short = taken.filter((cell) => cell.taken < highest);
  return {
    episodes: episodes.filter(({ id }) => chosen.has(id)),
    cells: taken,
    said: [
      ...short.map((cell) => `${told(cell.values, fields)}: ${cell.taken} where others have ${highest}`),
      ...missing(taken, fields),
    ],
  };
}

/**
 * Weights that give every value of every field an equal share in the sum, by iterative proportional fitting (Deming and
 * Stephan, Ann. Math. Stat. 11, 1940). What cannot be had, as where two fields go together, is said.
 */
export function balancedWeights(episodes: readonly DatasetEpisode[], fields: readonly string[]): BalancedWeights {
  const weights = new Float64Array(episodes.length).fill(1);
  const margins = fields.map((name) => indexed(episodes.map((episode) => shownValue(episode, name))));
  for (let round = 0; round < 200; round++) for (const margin of margins) scale(weights, margin);
  const said = fields.flatMap((name, f) => {
    const off = Math.max(
      0,
      ...margins[f].map((members) => Math.abs((sum(weights, members) * margins[f].length) / episodes.length - 1)),
    );
    return off < 0.01 ? [] : [`${name}: shares differ by up to ${(100 * off).toFixed(0)} % from equal ones`];
  });
  return { weights: new Map(episodes.map(({ id }, i) => [id, weights[i]])), said };
}

function scale(weights: Float64Array, margin: readonly (readonly number[])[]): void {
  for (const members of margin) {
    const factor = weights.length / margin.length / sum(weights, members);
    for (const i of members) weights[i] *= factor;
  }
}

const sum = (weights: Float64Array, members: readonly number[]) => members.reduce((total, i) => total + weights[i], 0);

function indexed(values: readonly string[]): readonly (readonly number[])[] {
  const members = new Map<string, number[]>();
  for (const [i, value] of values.entries()) {
    const known = members.get(value);
    if (known === undefined) members.set(value, [i]);
    else known.push(i);
  }
  return [...members.values()];
}

/** What each may take so that all of `most` is used as evenly as sizes allow. */
function filled(sizes: readonly number[], most: number): number[] {
  const quotas = sizes.map(() => 0);
  let left = Math.min(
    most,
    sizes.reduce((a, b) => a + b, 0),
  );
  while (left > 0) {
    const open = sizes.flatMap((size, k) => (quotas[k] < size ? [k] : []));
    const each = Math.max(1, Math.floor(left / open.length));
    for (const k of open) {
      const more = Math.min(each, sizes[k] - quotas[k], left);
      quotas[k] += more;
      left -= more;
    }
  }
  return quotas;
}

function drawn<T>(members: readonly T[], n: number, below: (n: number) => number): T[] {
  const left = [...members];
  return Array.from({ length: n }, () => left.splice(below(left.length), 1)[0]);
}

function cellsOf(episodes: readonly DatasetEpisode[], fields: readonly string[]) {
  const cells = new Map<string, { readonly values: readonly string[]; readonly members: DatasetEpisode[] }>();
  for (const episode of [...episodes].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const values = fields.map((name) => shownValue(episode, name));
    const key = JSON.stringify(values);
    const known = cells.get(key);
    if (known === undefined) cells.set(key, { values, members: [episode] });
    else known.members.push(episode);
  }
  return [...cells].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell);
}

/** Combinations of values that occur, in which no episode is. */
function missing(cells: readonly Cell[], fields: readonly string[]): string[] {
  const values = fields.map((_, f) => [...new Set(cells.map((cell) => cell.values[f]))]);
  const all = values.reduce((product, of) => product * of.length, 1);
  const absent = all - cells.length;
  return absent <= 0 || cells.length === 0
    ? []
    : [`${absent} of ${all} combinations of ${fields.join(' and ')} have no episode`];
}

const told = (values: readonly string[], fields: readonly string[]) =>
  fields.map((name, f) => `${name} ${values[f] || 'unknown'}`).join(', ');

function shownValue(episode: DatasetEpisode, name: string): string {
  const value = fieldOf(name)?.of(episode) ?? null;
  if (value === null) return 'unknown';
  return Array.isArray(value) ? value.join(' ') : String(value);
}
