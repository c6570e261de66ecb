import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { ACTION_SPEEDS } from './actions.ts';
import { Environment } from './environment.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS, ENVIRONMENT_ACTIONS, type EnvironmentOptions } from './options.ts';

const PANDA = loadRobot('panda');

function create(options: Partial<EnvironmentOptions> = {}): Environment {
  return new Environment({ ...DEFAULT_ENVIRONMENT_OPTIONS, ...options }, PANDA);
}

function over({ status }: Environment): boolean {
  return status.terminated || status.truncated;
}

function field(environment: Environment, name: string): Float32Array {
  const { offset, size } = environment.layout.fields.find((f) => f.name === name) ?? { offset: 0, size: 0 };
  if (size === 0) throw new Error(`no field ${name}`);
  return environment.output.vector.subarray(offset, offset + size);
}

/** Steps with random actions drawn anew every `hold` steps; what `each` gives of every step. */
function wander<T>(environment: Environment, seed: number, steps: number, hold: number, each: () => T): T[] {
  const rng = createRng(seed);
  const action = new Float32Array(environment.sizes.action);
  const seen: T[] = [];
  for (let k = 0; k < steps && !over(environment); k++) {
    if (k % hold === 0) for (let j = 0; j < action.length; j++) action[j] = rng.range(-1.5, 1.5);
    environment.step(action);
    seen.push(each());
  }
  return seen;
}

describe('an environment', () => {
  it.each(ENVIRONMENT_ACTIONS)('is solved by its expert, by %s actions', (action) => {
    const environment = create({ action });
    const failures: string[] = [];
    const episodes = sweep(3, 10);
    for (let episode = 0; episode < episodes; episode++) {
      environment.reset(17, episode);
      let last = 0;
      while (!over(environment)) {
        const wanted = environment.output.expert_action.slice();
        expect(wanted.every((a) => Math.abs(a) <= 1)).toBe(true);
        environment.step(wanted);
        last = environment.reward;
        if (!environment.status.success) expect(last).toBeLessThan(1);
      }
      if (!environment.status.success) failures.push(`${episode}: ${environment.status.reason}`);
      else expect(last).toBe(1);
    }
    expect(failures.length, failures.join('\n')).toBeLessThanOrEqual(episodes / 10);
  });

  it.each(['train', 'hard'] as const)('is mostly solved by its expert in worlds of level %s', (randomize) => {
    const environment = create({ randomize });
    let successes = 0;
    const episodes = sweep(3, 6);
    for (let episode = 0; episode < episodes; episode++) {
      environment.reset(18, episode);
      while (!over(environment)) environment.step(environment.output.expert_action.slice());
      if (environment.status.success) successes++;
    }
    expect(successes).toBeGreaterThanOrEqual((2 * episodes) / 3);
  });

  it('gives the same bytes for the same seed, episode and actions, whatever ran before or runs beside it', () => {
    const run = (environment: Environment, beside?: Environment): string[] => {
      environment.reset(5, 2);
      beside?.reset(6, 1);
      return wander(environment, 1, 60, 5, () => {
        beside?.step(new Float32Array(beside.sizes.action).fill(0.3));
        return `${environment.reward} ${Buffer.from(environment.output.vector.slice().buffer).toString('hex')}`;
      });
    };
    const alone = run(create());
    const used = create();
    used.reset(9, 0);
    wander(used, 3, 40, 4, () => 0);
    expect(run(used, create())).toEqual(alone);
    const other = create();
    other.reset(5, 3);
    expect(wander(other, 1, 1, 5, () => other.output.vector.slice())).not.toEqual(alone);
  });

  it('observes within the bounds it declares, every entry described, absent objects as zeros', () => {
    for (const task of ['pick-place', 'sort', 'clutter', 'inspect'] as const) {
      const environment = create({ task });
      const { fields, size } = environment.layout;
      const ends = fields.map(({ offset, size: count }) => offset + count);
      expect([...fields.map(({ offset }) => offset), size]).toEqual([0, ...ends]);
      for (let episode = 0; episode < 2; episode++) {
        environment.reset(2, episode);
        wander(environment, episode, 30, 3, () => {
          for (const { name, offset, size: count, low, high } of fields) {
            for (let k = 0; k < count; k++) {
              const value = environment.output.vector[offset + k];
              const [least, most] = [low, high].map((limit) =>
                Math.fround(typeof limit === 'number' ? limit : limit[k]),
              );
              expect(value >= least && value <= most, `${task}: ${name}[${k}] = ${value}`).toBe(true);
            }
          }
        });
      }
      const present = fields.filter(({ name }) => name.endsWith('_present'));
      const count = environment.engine?.object_count ?? 0;
      expect(present.map(({ offset }) => environment.output.vector[offset])).toEqual(
        present.map((_, i) => (i < count ? 1 : 0)),
      );
      const first_absent = present[count]?.offset ?? size;
      expect(environment.output.vector.subarray(first_absent).every((x) => x === 0)).toBe(true);
    }
  });

  it('tells poses as the engine has them', () => {
    const environment = create();
    environment.reset(4, 1);
    const state = new Float64Array(13);
    wander(environment, 8, 20, 2, () => {
      const { engine } = environment;
      if (engine === null) throw new Error('no world');
      const tool = field(environment, 'tool_position');
      for (let i = 0; i < engine.object_count; i++) {
        engine.objectState(i, state, 0);
        const offset = field(environment, `object${i}_offset`);
        for (let k = 0; k < 3; k++) expect(tool[k] + offset[k]).toBeCloseTo(state[k], 5);
      }
      for (let j = 0; j < PANDA.arm_joints; j++) {
        expect(field(environment, 'joint_position')[j]).toBeCloseTo(engine.q[j], 6);
      }
    });
  });

  it('holds still by itself, and moves the tool straight as far as the actions ask', () => {
    const environment = create({ expert: false });
    environment.reset(1, 0);
    const action = new Float32Array(5);
    const start = field(environment, 'tool_position').slice();
    for (let k = 0; k < 25; k++) environment.step(action);
    for (let k = 0; k < 3; k++) expect(field(environment, 'tool_position')[k]).toBeCloseTo(start[k], 4);
    action.set([-0.5, 0.5, 0.25, 0, 0]);
    for (let k = 0; k < 10; k++) environment.step(action);
    action.fill(0);
    for (let k = 0; k < 25; k++) environment.step(action);
    const step_m = ACTION_SPEEDS.tool_m_s / environment.options.policy_hz;
    const moved = [-0.5, 0.5, 0.25].map((a) => a * 10 * step_m);
    for (let k = 0; k < 3; k++) {
      expect(field(environment, 'tool_position')[k] - start[k]).toBeCloseTo(moved[k], 3);
    }
    expect(environment.interventions).toBe(0);
  });

  it.each(ENVIRONMENT_ACTIONS)('passes the gate whatever %s actions ask, and the arm keeps its limits', (action) => {
    const environment = create({ action, expert: false, policy_hz: 50 });
    const { velocity, position_lower, position_upper } = PANDA.limits;
    for (let episode = 0; episode < 3; episode++) {
      environment.reset(3, episode);
      wander(environment, episode, 150, 20, () => {
        const q = field(environment, 'joint_position');
        const v = field(environment, 'joint_velocity');
        for (let j = 0; j < q.length; j++) {
          // What the gate sends keeps the limits; the arm follows it within its tracking error.
          expect(Math.abs(v[j]), `v[${j}] in episode ${episode}`).toBeLessThan(velocity[j] + 0.3);
          expect(q[j] - position_lower[j]).toBeGreaterThan(-0.03);
          expect(position_upper[j] - q[j]).toBeGreaterThan(-0.03);
        }
        expect(field(environment, 'tool_position')[2]).toBeGreaterThan(-0.01);
      });
    }
  });
});

describe('the end of an episode', () => {
  it('comes by time, after as many steps as announced', () => {
    const environment = create({ policy_hz: 5, expert: false });
    environment.reset(0, 0);
    let steps = 0;
    for (; !over(environment); steps++) environment.step(new Float32Array(5));
    expect(environment.status).toMatchObject({ truncated: true, terminated: false, failed_stage: 'timeout' });
    expect(steps).toBe(environment.step_limit);
  });

  it.each([
    ['approach', () => true],
    ['transfer', (z_m: number) => z_m > 0.09],
  ] as const)('comes when an object falls off the table, in the stage of %s', (stage, now) => {
    const environment = create();
    environment.reset(17, 0);
    const { engine } = environment;
    if (engine === null) throw new Error('no world');
    const state = new Float64Array(13);
    const highest = () => {
      let at = 0;
      let z_m = -1;
      for (let i = 0; i < engine.object_count; i++) {
        engine.objectState(i, state, 0);
        if (state[2] > z_m) [at, z_m] = [i, state[2]];
      }
      return { at, z_m };
    };
    // Carried aside over the table, it is then taken out of the hand and let fall beside the table.
    for (let k = 0; !now(highest().z_m) && k < 200; k++) environment.step(environment.output.expert_action.slice());
    for (let k = 0; stage === 'transfer' && k < 8; k++) environment.step(environment.output.expert_action.slice());
    engine.setObjectState(highest().at, [1.4, 0, -0.3, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0]);
    environment.step(new Float32Array(5));
    expect(environment.status).toMatchObject({ terminated: true, success: false, failed_stage: stage });
    expect(environment.status.reason).toContain('fell off');
  });

  it('comes when the gate stops the arm, and says what the supervisor found', () => {
    const environment = create({ expert: false });
    environment.reset(5, 0);
    const down = new Float32Array(environment.sizes.action);
    down[environment.action_names.indexOf('dz')] = -1;
    while (!over(environment)) environment.step(down);
    const { failed_stage, reason } = environment.status;
    expect(failed_stage).toBe('safety');
    expect(reason).toMatch(
      /\(protective_stop: wrench_excess: \d+ N and [\d.]+ Nm at the hand, at most 150 N and 50 Nm\)$/,
    );
  });

  it('comes when the world is no longer one, and the next reset makes another', () => {
    const environment = create();
    environment.reset(0, 2);
    environment.engine?.setObjectState(0, [0.5, 0, 0.3, 0, 0, 0, 1, 0, 0, 1e200, 0, 0, 0]);
    environment.step(new Float32Array(5));
    expect(environment.status).toMatchObject({ terminated: true, failed_stage: 'invalid' });
    expect(environment.status.reason).toMatch(/object/);
    environment.reset(0, 2);
    environment.step(environment.output.expert_action.slice());
    expect(over(environment)).toBe(false);
  });

  it('pays 1 for success and nothing before, when rewards are sparse', () => {
    const environment = create({ reward: 'sparse' });
    environment.reset(17, 0);
    while (!over(environment)) {
      environment.step(environment.output.expert_action.slice());
      expect(environment.reward).toBe(environment.status.success ? 1 : 0);
    }
    expect(environment.status.success).toBe(true);
  });
});

describe('pictures', () => {
  it('show both cameras in size, with depth in metres and what the robot knows beside them', () => {
    const environment = create({ observation: 'rgbd', image_width: 64, image_height: 48 });
    environment.reset(1, 0);
    const { rgb, depth } = environment.output;
    expect([rgb.length, depth.length]).toEqual([2 * 3 * 64 * 48, 2 * 64 * 48]);
    expect(environment.layout.fields.some(({ name }) => name.startsWith('object'))).toBe(false);
    const before = rgb.slice();
    const seen = depth.filter((d) => d > 0);
    expect(seen.length / depth.length).toBeGreaterThan(0.9);
    expect(Math.min(...seen)).toBeGreaterThan(0.02);
    expect(Math.max(...seen)).toBeLessThan(4);
    for (let k = 0; k < 5; k++) environment.step(environment.output.expert_action.slice());
    expect(environment.output.rgb).not.toEqual(before);
    expect(environment.render().length).toBe(3 * 320 * 240);
  });

  it('come late, or the last one stays, where that befalls an episode', () => {
    const shown = (disturb: string): readonly Uint8Array[] => {
      const environment = create({ observation: 'rgbd', image_width: 32, image_height: 24, disturb });
      environment.reset(1, 0);
      return Array.from({ length: 7 }, (_, k) => {
        if (k > 0) environment.step(environment.output.expert_action.slice());
        return environment.output.rgb.slice();
      });
    };
    const plain = shown('dropout:0');
    expect(shown('camera-delay:0.08')).toEqual([0, 0, 0, 1, 2, 3, 4].map((k) => plain[k]));
    const halves = (rgb: Uint8Array) => [rgb.slice(0, rgb.length / 2), rgb.slice(rgb.length / 2)].map(String);
    const dropped = shown('dropout:0.6').map(halves);
    expect(dropped[0]).toEqual(halves(plain[0]));
    const came = dropped.flatMap((cameras, k) =>
      cameras.map((now, i) => {
        const fresh = now === halves(plain[k])[i];
        expect(fresh || now === dropped[k - 1][i], `step ${k}`).toBe(true);
        return fresh;
      }),
    );
    expect(new Set(came).size).toBe(2);
  });

  it('are perfect in nominal worlds and those of a noisy, misplaced camera in others, the same for the same seed', () => {
    const take = (randomize: 'none' | 'hard') => {
      const environment = create({ observation: 'rgbd', randomize, expert: false });
      environment.reset(1, 0);
      return environment.output;
    };
    /** Mean difference of neighbours in a row of pixels: what noise adds to. */
    const grain = ({ rgb }: { rgb: Uint8Array }) =>
      rgb.reduce((sum, value, i) => (i < 3 ? 0 : sum + Math.abs(value - rgb[i - 3])), 0) / rgb.length;
    const [perfect, noisy] = [take('none'), take('hard')];
    expect(take('none').rgb).toEqual(perfect.rgb);
    expect(take('hard').rgb).toEqual(noisy.rgb);
    expect(take('hard').depth).toEqual(noisy.depth);
    expect(grain(noisy)).toBeGreaterThan(grain(perfect));
  });
});
