import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS, Environment } from '../env/index.ts';
import { checkEpisodeOptions, DEFAULT_EPISODE_OPTIONS } from '../options.ts';
import { drawUnrecordedWorld, drawWorld } from '../world_record.ts';
import { drawAround, parseAround } from './around.ts';

const robot = loadRobot('panda');
const KNOWN = 'gain_scale=0.87~0.01,latency_cycles=1~0.001,joint_friction_scale[3]=1.5~0.02';

/** What an environment tells of the arm in its expert's first steps. */
function told(around: string | null): Float32Array[] {
  const environment = new Environment({ ...DEFAULT_ENVIRONMENT_OPTIONS, around }, robot);
  environment.reset(4, 0);
  const seen = Array.from({ length: 15 }, () => {
    environment.step(environment.output.expert_action.slice());
    return environment.output.vector.slice();
  });
  environment.close();
  return seen;
}

describe('worlds around what is known of an arm', () => {
  const options = { ...DEFAULT_EPISODE_OPTIONS, randomize: 'hard', seed: 4 } as const;
  const startUp = (around: string | undefined, seed: number) =>
    drawWorld({ ...options, seed, ...(around === undefined ? {} : { around }) }, 0, robot).record.randomization;

  it('have that, as sure as it is, and everything else as without', () => {
    for (let seed = 0; seed < 20; seed++) {
      const [plain, around] = [startUp(undefined, seed), startUp(KNOWN, seed)];
      const { gain_scale, latency_cycles, joint_friction_scale, ...rest } = around.start_up;
      expect(Math.abs(gain_scale - 0.87), `seed ${seed}`).toBeLessThan(0.05);
      expect(latency_cycles).toBe(1);
      expect(Math.abs(joint_friction_scale[3] - 1.5)).toBeLessThan(0.1);
      expect(joint_friction_scale.toSpliced(3, 1)).toEqual(plain.start_up.joint_friction_scale.toSpliced(3, 1));
      expect(plain.start_up).toMatchObject(rest);
      expect(around.reset).toEqual(plain.reset);
    }
  });

  it('are the same in an episode and in an environment, where all else is nominal, too', () => {
    for (const randomize of ['none', 'train', 'hard'] as const) {
      const asked = checkEpisodeOptions({ ...options, randomize, around: KNOWN });
      const { record } = drawWorld(asked, 0, robot);
      expect(drawUnrecordedWorld(asked, 0, robot).randomization).toEqual(record.randomization);
    }
    const once = told(KNOWN);
    expect(told(KNOWN)).toEqual(once);
    const nominal = told(null);
    expect(once).not.toEqual(nominal);
    const far = (a: Float32Array[]) =>
      Math.max(...a.flatMap((row, k) => Array.from(row, (x, i) => Math.abs(x - nominal[k][i]))));
    expect(far(told('gain_scale=1~0'))).toBeLessThan(1e-5);
    expect(far(once)).toBeGreaterThan(1e-4);
  });

  it('are arms that can be, where play is drawn beside a rotor that was found to weigh nothing', () => {
    const around = 'armature_kg_m2=0~0';
    for (const randomize of ['none', 'hard'] as const) {
      const environment = new Environment({ ...DEFAULT_ENVIRONMENT_OPTIONS, randomize, around }, robot);
      environment.reset(4, 0);
      environment.close();
    }
    expect(startUp(around, 4).start_up.backlash_rad).toBeGreaterThan(0);
    expect(startUp(around, 4).start_up.armature_kg_m2).toBeGreaterThan(0);
  });

  it('spread by the deviations that are stated, within what an arm can have', () => {
    const { start_up } = startUp(undefined, 1);
    const draws = Array.from(
      { length: 2000 },
      (_, k) => drawAround(parseAround('gain_scale=0.9~0.05', robot), start_up, robot, createRng(k)).gain_scale,
    );
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const deviation = Math.sqrt(draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length);
    expect(mean).toBeCloseTo(0.9, 2);
    expect(deviation / 0.05).toBeCloseTo(1, 1);
    const wide = drawAround(parseAround('latency_cycles=0~500', robot), start_up, robot, createRng(3));
    expect(wide.latency_cycles).toBeGreaterThanOrEqual(0);
    expect(wide.latency_cycles).toBeLessThanOrEqual(15);
  });

  it('are refused where what is known names no parameter, one twice, or no number', () => {
    for (const text of ['', 'gain=1~0', 'gain_scale=1', 'gain_scale=~1', 'gain_scale=x~1', 'gain_scale=1~-1'])
      expect(() => parseAround(text, robot), text).toThrow(InputError);
    expect(() => parseAround('gain_scale=1~0,gain_scale=1~0', robot)).toThrow('around gain_scale=1~0');
    expect(() => parseAround('gain_scale=99~0', robot)).toThrow('0.3 to 3');
    expect(() => new Environment({ ...DEFAULT_ENVIRONMENT_OPTIONS, around: 'gain=1~0' }, robot)).toThrow(InputError);
  });
});
