import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { InputError, PACKAGE_ROOT } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import {
  openSecondWorld,
  prepareEngine,
  SECOND_WORLD_FACTORS,
  SHIPPED_SECOND_WORLD,
  secondWorldName,
} from '../../sim/index.ts';
import { DEFAULT_EPISODE_OPTIONS } from '../options.ts';
import { drawWorld, parseWorldRecord } from '../world_record.ts';
import { Environment } from './environment.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS, type EnvironmentOptions } from './options.ts';

const PANDA = loadRobot('panda');
const sealed = gunzipSync(readFileSync(join(PACKAGE_ROOT, 'sim', 'second_world', 'sealed.json.gz'))).toString('utf8');
/** Values of the effects that no other number is by chance. */
const values = [...sealed.matchAll(/-?\d+\.\d{4,}/g)].map(([text]) => text);

beforeAll(async () => prepareEngine('mujoco'));

/** Everything an environment tells in so many steps of its expert, and what it is at their end. */
function told(options: Partial<EnvironmentOptions>, steps: number): { seen: number[]; end: Float64Array } {
  const environment = new Environment({ ...DEFAULT_ENVIRONMENT_OPTIONS, engine: 'mujoco', ...options }, PANDA);
  environment.reset(3, 1);
  const seen: number[] = [];
  for (let k = 0; k < steps; k++) {
    environment.step(environment.output.expert_action.slice());
    const { vector, rgb, depth, expert_action } = environment.output;
    for (const part of [vector, rgb, depth, expert_action]) seen.push(...part);
  }
  const end = environment.engine?.saveState() ?? new Float64Array();
  environment.close();
  return { seen, end };
}

describe('the second world in an environment', () => {
  it('without any of its effects is plain mujoco, to the byte', () => {
    const second_world = secondWorldName(SHIPPED_SECOND_WORLD, SECOND_WORLD_FACTORS);
    expect(told({ second_world }, 25)).toEqual(told({}, 25));
  });

  it('is the same every time, and another than plain mujoco', () => {
    const once = told({ second_world: SHIPPED_SECOND_WORLD }, 15);
    expect(told({ second_world: SHIPPED_SECOND_WORLD }, 15)).toEqual(once);
    expect(told({}, 15).seen).not.toEqual(once.seen);
  });

  it('is told by what it does alone: no value of an effect is in an observation or an action', () => {
    const { seen } = told(
      { second_world: SHIPPED_SECOND_WORLD, observation: 'rgbd', image_width: 16, image_height: 16 },
      5,
    );
    const state = told({ second_world: SHIPPED_SECOND_WORLD }, 5).seen;
    const numbers = new Set([...seen, ...state]);
    expect(values.length).toBeGreaterThan(40);
    expect(values.filter((value) => numbers.has(Math.fround(Number(value))))).toEqual([]);
  });

  it('is refused where the engine has no such effects', () => {
    expect(() => told({ engine: 'cannon', second_world: SHIPPED_SECOND_WORLD }, 1)).toThrow(InputError);
  });
});

describe('the record of a world played in the second world', () => {
  it('has its name and its hash, and nothing else of it', () => {
    const { name, sha256 } = openSecondWorld(SHIPPED_SECOND_WORLD);
    const options = { ...DEFAULT_EPISODE_OPTIONS, engine: 'mujoco', second_world: name } as const;
    const { record } = drawWorld(options, 4, PANDA);
    const text = JSON.stringify(record);
    expect(text).toContain(`${SHIPPED_SECOND_WORLD}@${sha256}`);
    expect(values.filter((value) => text.includes(value))).toEqual([]);
    expect(parseWorldRecord(JSON.parse(text), 'record').options.second_world).toBe(name);
    const { record: plain } = drawWorld({ ...DEFAULT_EPISODE_OPTIONS, engine: 'mujoco' }, 4, PANDA);
    expect({ ...record, options: plain.options }).toEqual(plain);
    expect(JSON.stringify(plain)).not.toContain('second_world');
  });
});
