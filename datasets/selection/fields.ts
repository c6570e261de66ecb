import { z } from 'zod';
import { type DatasetEpisode, datasetEpisode } from '../dataset/schema.ts';

export type FieldKind = 'number' | 'text' | 'flag' | 'list' | 'open';
/** Of an episode; null where nothing is known. */
export type FieldValue = number | string | boolean | readonly string[] | null;

/** Something of an episode that can be asked for by name. */
export interface Field {
  readonly kind: FieldKind;
  of(episode: DatasetEpisode): FieldValue;
}

const distinct = (names: readonly string[]) => [...new Set(names)].filter((name) => name !== '').sort();

/** What the index does not say under a name of its own. */
const DERIVED: Readonly<Record<string, Field>> = {
  cameras: { kind: 'list', of: ({ signals }) => distinct(signals.map(({ camera }) => camera)) },
  roles: { kind: 'list', of: ({ signals }) => distinct(signals.map(({ role }) => role)) },
  topics: { kind: 'list', of: ({ signals }) => distinct(signals.map(({ topic }) => topic)) },
  findings: { kind: 'list', of: ({ quality }) => distinct((quality?.findings ?? []).map(({ check }) => check)) },
};
const NOT_SIMPLE = /^(signals|quality\.findings)$/;

/** Every name that is fixed, from the schema: `duration_s`, `outcome.success`, `robot.name`, and lists such as `cameras`. */
export const FIELDS: ReadonlyMap<string, Field> = new Map([
  ...fixed(datasetEpisode, '').filter(([name]) => !NOT_SIMPLE.test(name)),
  ...Object.entries(DERIVED),
]);
/** Records whose names nobody fixed: `randomization.friction.table`, `lineage.versions.node`. */
const OPEN = ['randomization', 'lineage.versions'] as const;

/** The field of a name, or null. */
export function fieldOf(name: string): Field | null {
  const known = FIELDS.get(name);
  if (known !== undefined) return known;
  const record = OPEN.find((prefix) => name.startsWith(`${prefix}.`));
  if (record === undefined) return null;
  const key = name.slice(record.length + 1);
  return {
    kind: 'open',
    of: ({ randomization, lineage }) => {
      const of = record === 'randomization' ? randomization : lineage.versions;
      return Object.hasOwn(of, key) ? of[key] : null;
    },
  };
}

/** Names that are most like one that is not known. */
export function similarFields(name: string): readonly string[] {
  const last = name.split('.').at(-1) ?? name;
  const near = [...FIELDS.keys()].filter(
    (known) => known.includes(last) || last.includes(known.split('.').at(-1) ?? ''),
  );
  return near.length > 0 ? near.slice(0, 4) : [...FIELDS.keys()];
}

function fixed(schema: unknown, prefix: string): [string, Field][] {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([key, of]) => fixed(of, prefix === '' ? key : `${prefix}.${key}`));
  }
  if (inner instanceof z.ZodRecord) return [];
  const path = prefix.split('.');
  return [[prefix, { kind: kindOf(inner), of: (episode) => valueAt(episode, path) }]];
}

function unwrapped(schema: unknown): unknown {
  if (schema instanceof z.ZodReadonly || schema instanceof z.ZodNullable) return unwrapped(schema.unwrap());
  return schema;
}

function kindOf(schema: unknown): FieldKind {
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodBoolean) return 'flag';
  return schema instanceof z.ZodArray ? 'list' : 'text';
}

const leaf = z.union([z.number(), z.string(), z.boolean(), z.array(z.string())]).catch('');

function valueAt(episode: DatasetEpisode, path: readonly string[]): FieldValue {
  let at: unknown = episode;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return null;
    at = Reflect.get(at, key);
  }
  return at === null || at === undefined ? null : leaf.parse(at);
}
