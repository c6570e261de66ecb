import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { Environment } from './environment.ts';
import { checkFeatures, featureCatalogue } from './features.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS } from './options.ts';

const PANDA = loadRobot('panda');
const CATALOGUE = featureCatalogue(PANDA, { task: 'pick-place', action: 'ee_delta' });
const pick = (...names: string[]) =>
  checkFeatures(
    names.map((name) => {
      const { size, unit } = CATALOGUE.get(name) ?? { size: 1, unit: '' };
      return { name, size, unit };
    }),
    CATALOGUE,
    'test',
  );

/** What a feature says in worlds on the way of the expert, step by step. */
function told(episode: number, names: readonly string[], each: (values: Record<string, number[]>) => void): void {
  const environment = new Environment(DEFAULT_ENVIRONMENT_OPTIONS, PANDA);
  environment.reset(5, episode);
  const features = pick(...names);
  const observer = environment.features(features);
  const out = new Float32Array(observer.size + 1).fill(7);
  const look = () => {
    observer.write(environment.output.vector, out, 1);
    let at = 1;
    const values: Record<string, number[]> = {};
    for (const { name, size } of features) {
      values[name] = [...out.subarray(at, at + size)];
      at += size;
    }
    expect(out[0]).toBe(7);
    each(values);
  };
  look();
  while (!environment.status.terminated && !environment.status.truncated) {
    const action = environment.output.expert_action.slice();
    environment.step(action);
    observer.acted(action);
    look();
  }
  environment.close();
}

describe('features', () => {
  it('of the wanted object are its own fields, and the grasp comes to the tool before the object is raised', () => {
    for (const episode of [0, 3]) {
      let closest = Number.POSITIVE_INFINITY;
      let raised = 0;
      const names = ['wanted_offset', 'wanted_gap', 'grasp_offset', 'grasp_turn', 'commanded_offset', 'wanted_to_goal'];
      let last: Record<string, number[]> = {};
      told(episode, names, (values) => {
        const { grasp_offset, grasp_turn, wanted_gap, wanted_offset } = values;
        expect(Math.hypot(grasp_offset[0] - wanted_offset[0], grasp_offset[1] - wanted_offset[1])).toBeLessThan(0.02);
        if (wanted_gap[0] < 0.002) closest = Math.min(closest, Math.hypot(...grasp_offset) + Math.abs(grasp_turn[0]));
        raised = Math.max(raised, wanted_gap[0]);
        last = values;
      });
      expect(closest, `episode ${episode}`).toBeLessThan(0.02);
      expect(raised).toBeGreaterThan(0.03);
      expect(Math.hypot(...last.wanted_to_goal)).toBeLessThan(0.02);
      expect(Math.abs(last.wanted_gap[0])).toBeLessThan(0.003);
    }
  });

  it('tell the action before as it was asked for, and 0 before the first', () => {
    const rng = createRng(3);
    const environment = new Environment(DEFAULT_ENVIRONMENT_OPTIONS, PANDA);
    environment.reset(5, 0);
    const observer = environment.features(pick('previous_action'));
    const out = new Float32Array(5);
    observer.write(environment.output.vector, out, 0);
    expect([...out]).toEqual([0, 0, 0, 0, 0]);
    const action = Float32Array.from({ length: 7 }, () => rng.range(-1, 1));
    observer.acted(action, 2);
    observer.write(environment.output.vector, out, 0);
    expect([...out]).toEqual([...action.slice(2)]);
    environment.close();
  });

  it('are refused by name: unknown, of another size or unit, or of a wanted object where there are many', () => {
    const check = (name: string, size: number, unit: string) => () =>
      checkFeatures([{ name, size, unit }], CATALOGUE, 'p.json');
    expect(check('elbow', 1, 'm')).toThrow(InputError);
    expect(check('elbow', 1, 'm')).toThrow('p.json: observation[0] elbow: is none of joint_position');
    expect(check('wanted_offset', 2, 'm')).toThrow('of size 2: has 3');
    expect(check('wanted_offset', 3, 'mm')).toThrow("in 'mm': is in 'm'");
    const sort = featureCatalogue(PANDA, { task: 'sort', action: 'joint' });
    expect(sort.has('wanted_offset')).toBe(false);
    expect(sort.get('previous_action')?.size).toBe(8);
    expect(CATALOGUE.get('joint_position')?.told).toBe('robot');
    expect(CATALOGUE.get('object2_offset')?.told).toBe('state');
  });
});
