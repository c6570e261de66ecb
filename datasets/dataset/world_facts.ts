import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../safety/index.ts';

/** What a dataset says of the world of a simulated episode. */
export interface WorldFacts {
  readonly engine: string;
  readonly policy: string;
  readonly task: string;
  readonly text: string;
  readonly objects: readonly string[];
  readonly scene_sha256: string;
  readonly randomization: Readonly<Record<string, number | string | boolean>>;
}

const named = z.looseObject({ class: z.string(), colour: z.string() });
/** The record of a world as a recording has it in its metadata: only what is needed here. */
const worldRecord = z.looseObject({
  options: z.looseObject({ task: z.string(), engine: z.string(), policy: z.string() }),
  scene: z.looseObject({ objects: z.array(named) }),
  goal: z.looseObject({ task: z.string(), object: named.optional() }),
  randomization: z.unknown(),
});

const TEXTS: Readonly<Record<string, string>> = {
  sort: 'Bring every object to the region of its class.',
  clutter: 'Empty the bin into the tray.',
  inspect: 'Look at every object for a defect and bring it to the region of its verdict.',
};

/** Reads the record of a world; null for what is none. */
export function worldFacts(content: unknown): WorldFacts | null {
  const parsed = worldRecord.safeParse(content);
  if (!parsed.success) return null;
  const { options, scene, goal, randomization } = parsed.data;
  const { object } = goal;
  const text = object === undefined ? TEXTS[goal.task] : `Put the ${object.colour} ${object.class} on the target.`;
  return {
    engine: options.engine,
    policy: options.policy,
    task: options.task,
    text: text ?? goal.task,
    objects: [...new Set(scene.objects.map((each) => each.class))].sort(),
    scene_sha256: createHash('sha256').update(canonicalJson(scene)).digest('hex'),
    randomization: Object.fromEntries(leaves(randomization, '')),
  };
}

/** Every value of a tree by its dotted name. */
function leaves(value: unknown, name: string): [string, number | string | boolean][] {
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return [[name, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, name === '' ? key : `${name}.${key}`));
}
