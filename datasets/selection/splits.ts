import { createRng, InputError } from '../../contracts/index.ts';
import { type DatasetEpisode, SPLITS, type Split } from '../dataset/schema.ts';
import { closePairs } from './close_pairs.ts';
import { UnionFind } from './union_find.ts';

/** Wanted shares of train, validation and test; they need not add up to 1. */
export type Shares = readonly [number, number, number];

/**
 * What no two parts have in common: not one kind of object; no whole set of kinds; no scene. Scenes, equal recordings and
 * near-duplicates never cross in any of them.
 */
export const SPLIT_LEVELS = ['kinds', 'kind_sets', 'scenes'] as const;
export type SplitLevel = (typeof SPLIT_LEVELS)[number];

export interface SplitResult {
  readonly split: ReadonlyMap<string, Split>;
  readonly level: SplitLevel;
  /** Groups that were kept whole. */
  readonly groups: number;
  readonly counts: Readonly<Record<Split, number>>;
  /** Why no stricter level was taken, and what could not be had; empty where all was. */
  readonly said: readonly string[];
}

/** A level will do when no part's share is further from what was wanted than this. */
const SLACK = 0.1;

/** Reads `80/10/10` or `90/10`. Throws an InputError. */
export function parseShares(text: string): Shares {
  const parts = text.split('/').map((part) => (/^\d+(\.\d+)?$/.test(part.trim()) ? Number(part) : Number.NaN));
  const [train = Number.NaN, validation = Number.NaN, test = 0] = parts;
  const total = train + validation + test;
  if (parts.length > 3 || !(total > 0) || !Number.isFinite(total)) {
    throw new InputError(`split ${text}`, 'is TRAIN/VALIDATION/TEST, e.g. 80/10/10 or 90/10');
  }
  return [train, validation, test];
}

/**
 * Gives every episode to a part, whole groups at a time: the strictest level whose shares come within 10 points of the wanted
 * ones. Without `level` all are tried, strictest first. Equal input and seed give equal parts, in any order of episodes.
 */
export function splitEpisodes(
  episodes: readonly DatasetEpisode[],
  shares: Shares,
  seed: number,
  level?: SplitLevel,
): SplitResult {
  const sorted = [...episodes].sort((a, b) => (a.id < b.id ? -1 : 1));
  const said: string[] = [];
  for (const tried of level === undefined ? SPLIT_LEVELS : [level]) {
    const groups = groupsOf(sorted, tried);
    const result = share(sorted, groups, shares, seed);
    const shortfall = shortfallOf(result, sorted.length, shares);
    const last = level !== undefined || tried === 'scenes';
    if (shortfall !== '') said.push(`by ${NAMES[tried]} ${groups.length} groups: ${shortfall}`);
    if (shortfall === '' || last) {
      const counts = { train: 0, validation: 0, test: 0 };
      for (const part of result.values()) counts[part]++;
      return { split: result, level: tried, groups: groups.length, counts, said };
    }
  }
  throw new Error('the last level always gives a result');
}

const NAMES: Readonly<Record<SplitLevel, string>> = {
  kinds: 'kinds of objects',
  kind_sets: 'sets of kinds of objects',
  scenes: 'scenes',
};

/** Indices of episodes that must stay together. */
export function groupsOf(episodes: readonly DatasetEpisode[], level: SplitLevel): readonly (readonly number[])[] {
  const together = new UnionFind(episodes.length);
  const first = new Map<string, number>();
  const join = (key: string, i: number) => {
    const known = first.get(key);
    if (known === undefined) first.set(key, i);
    else together.union(known, i);
  };
  for (const [i, episode] of episodes.entries()) for (const key of keysOf(episode, level)) join(key, i);
  const index = new Map(episodes.map(({ id }, i) => [id, i]));
  for (const [a, b] of closePairs(episodes)) {
    const [i, j] = [index.get(a), index.get(b)];
    if (i !== undefined && j !== undefined) together.union(i, j);
  }
  return together.groups();
}

function keysOf({ objects, scene_sha256, lineage, sha256, id }: DatasetEpisode, level: SplitLevel): string[] {
  // Where nobody knows the scene, what was recorded together is taken to share one.
  const scene = scene_sha256 !== '' ? `scene ${scene_sha256}` : `run ${lineage.run_id || id}`;
  const keys = [`content ${sha256}`, scene];
  if (level === 'kinds') keys.push(...objects.map((kind) => `kind ${kind}`));
  if (level === 'kind_sets' && objects.length > 0) keys.push(`kinds ${[...objects].sort().join(' ')}`);
  return keys;
}

/** Largest groups first, each to the part that lacks most of what it wants; equal ones in an order that the seed draws. */
function share(
  episodes: readonly DatasetEpisode[],
  groups: readonly (readonly number[])[],
  shares: Shares,
  seed: number,
): Map<string, Split> {
  const rng = createRng(seed, 'split');
  const drawn = groups.map((group) => ({ group, draw: rng.uniform() }));
  drawn.sort((a, b) => b.group.length - a.group.length || a.draw - b.draw);
  const total = shares[0] + shares[1] + shares[2];
  const lacking = shares.map((part) => (part / total) * episodes.length);
  const split = new Map<string, Split>();
  for (const { group } of drawn) {
    const to = lacking.indexOf(Math.max(...lacking.filter((_, k) => shares[k] > 0)));
    lacking[to] -= group.length;
    for (const i of group) split.set(episodes[i].id, SPLITS[to]);
  }
  return split;
}

function shortfallOf(split: ReadonlyMap<string, Split>, n: number, shares: Shares): string {
  const total = shares[0] + shares[1] + shares[2];
  return SPLITS.map((name, k) => {
    const [wanted, got] = [shares[k] / total, n === 0 ? 0 : count(split, name) / n];
    const empty = wanted > 0 && got === 0;
    if (!empty && Math.abs(wanted - got) <= SLACK) return '';
    return `${name} would have ${(100 * got).toFixed(0)} % instead of ${(100 * wanted).toFixed(0)} %`;
  })
    .filter((text) => text !== '')
    .join(', ');
}

const count = (split: ReadonlyMap<string, Split>, name: Split) =>
  [...split.values()].filter((part) => part === name).length;
