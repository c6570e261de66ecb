import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { openSecondWorld } from '../../sim/index.ts';
import { policyFileOf } from '../options.ts';
import { readTaskPolicy } from '../policies/task_policy_file.ts';
import { type Play, type PlaySetting, policyNamed } from './play.ts';
import { effectsName, type PlayedWorld } from './worlds.ts';

/** Episodes that are played between two writes: what an interruption can lose. */
const BLOCK = 20;

const head = z.strictObject({
  schema: z.literal('surepick/outcomes'),
  version: z.literal(1),
  setting: z.record(z.string(), z.union([z.string(), z.number()])),
});
const block = z.strictObject({
  /** Name of the policy, or the hash of its network. */
  policy: z.string(),
  world: z.string(),
  first: z.number().int().nonnegative(),
  /** An episode each: 1 for success. */
  outcomes: z.string().regex(/^[01]+$/),
});
type Block = z.infer<typeof block>;

/**
 * Plays as `play` does and keeps what comes of it in a file of JSON lines, block by block; what the file has is not played
 * again. Policies are told apart by their networks, second worlds by their content.
 * @throws InputError for a file that is none of outcomes or of another setting
 */
export function keptPlay(play: Play, file: string, { workers: _, ...setting }: PlaySetting): Play {
  const known = new Map<string, boolean>();
  const note = ({ policy, world, first, outcomes }: Block) => {
    for (const [k, outcome] of [...outcomes].entries()) known.set(keyOf(policy, world, first + k), outcome === '1');
  };
  if (existsSync(file)) for (const one of readBlocks(file, setting)) note(one);
  else writeFileSync(file, lineOf({ schema: 'surepick/outcomes', version: 1, setting }));
  return async (name, world, first, episodes, signal) => {
    const [policy, place] = [identityOf(name), worldIdentity(world)];
    const kept = (episode: number) => known.get(keyOf(policy, place, episode));
    const end = first + episodes;
    for (let at = first; at < end; ) {
      if (kept(at) !== undefined) {
        at++;
        continue;
      }
      let count = 1;
      while (count < BLOCK && at + count < end && kept(at + count) === undefined) count++;
      const played = await play(name, world, at, count, signal);
      const outcomes = played.map((success) => (success ? '1' : '0')).join('');
      const one = { policy, world: place, first: at, outcomes };
      appendFileSync(file, lineOf(one));
      note(one);
      at += count;
    }
    return Array.from({ length: episodes }, (_, k) => kept(first + k) === true);
  };
}

function readBlocks(file: string, setting: Omit<PlaySetting, 'workers'>): readonly Block[] {
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const [first, ...rest] = whole.split('\n').slice(0, -1);
  const { setting: kept } = parsed(head, first ?? '', `${file}, line 1`);
  for (const [name, value] of Object.entries(setting))
    if (kept[name] !== value) throw new InputError(`${file}: outcomes at ${name} ${kept[name]}`, `those at ${value}`);
  const blocks = rest.map((line, k) => parsed(block, line, `${file}, line ${k + 2}`));
  // What an interruption cut off in the middle of a line is played again.
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
  return blocks;
}

function parsed<T>(schema: z.ZodType<T>, line: string, place: string): T {
  let content: unknown;
  try {
    content = JSON.parse(line);
  } catch (cause) {
    throw new InputError(place, 'a line of JSON', { cause });
  }
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new InputError(`${place}: ${path.join('.')}`, message);
}

function identityOf(name: string): string {
  const file = policyFileOf(policyNamed(name));
  return file === null ? name : readTaskPolicy(file).manifest.sha256;
}

function worldIdentity(world: PlayedWorld): string {
  const effects = effectsName(world);
  const { engine, around } = world;
  return JSON.stringify([engine, effects === null ? null : openSecondWorld(effects).name, around]);
}

const keyOf = (policy: string, world: string, episode: number): string => `${policy} ${world} ${episode}`;
const lineOf = (value: object): string => `${JSON.stringify(value)}\n`;
