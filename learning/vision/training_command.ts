import { InputError } from '../../contracts/index.ts';
import type { Grid } from '../../perception/index.ts';
import type { NetworkRole } from './network_shape.ts';

/** All that a training depends on. */
export interface TrainingRecipe {
  readonly role: NetworkRole;
  readonly seed: number;
  readonly steps: number;
  /** Worlds drawn, two pictures each. */
  readonly worlds: number;
  readonly batch: number;
  readonly crop: Grid;
  readonly rate: number;
}

/** Side of a square crop (cells), and what is needed less for the same time: the full network is dear. */
export const DEFAULT_RECIPES: Readonly<Record<NetworkRole, Omit<TrainingRecipe, 'role' | 'seed'>>> = {
  fast: { steps: 20_000, worlds: 3000, batch: 32, crop: { width: 64, height: 64 }, rate: 3e-3 },
  full: { steps: 6000, worlds: 3000, batch: 24, crop: { width: 64, height: 64 }, rate: 2e-3 },
};

/** The command that makes the same model again. */
export function commandOf({ role, seed, steps, worlds, batch, crop, rate }: TrainingRecipe): string {
  const options = { role, seed, steps, worlds, batch, crop: crop.width, rate };
  const words = Object.entries(options).map(([name, value]) => `--${name} ${value}`);
  return `node dist/learning/vision/train.js ${words.join(' ')}`;
}

/** Worlds that are drawn first, before a training starts. */
const FIRST_WORLDS = 64;

/**
 * How many worlds step k draws from: a few at first, all after a third of the steps, so that drawing goes on beside the
 * training. It depends on the recipe alone.
 */
export function worldsAt(k: number, { worlds, steps }: Pick<TrainingRecipe, 'worlds' | 'steps'>): number {
  const first = Math.min(FIRST_WORLDS, worlds);
  return Math.min(worlds, first + Math.floor((3 * k * (worlds - first)) / steps));
}

/** @throws InputError unless the text is a whole number of at least `low` */
export function wholeNumber(flag: string, text: string, low: number, high = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  const limit = high === Number.MAX_SAFE_INTEGER ? `at least ${low}` : `${low} to ${high}`;
  throw new InputError(`${flag} ${text}`, `a whole number of ${limit}`);
}
