import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { SECOND_WORLD_FACTORS } from '../../sim/index.ts';
import { ablate } from './ablation.ts';
import { measureGap } from './gap.ts';
import { checkPolicies, type Play } from './play.ts';
import { describeWorld, effectsName, playedWorld, withoutFactors } from './worlds.ts';

const FROM = playedWorld('cannon', null);
const TO = playedWorld('mujoco', 'sealed');

/** Policies named by how often they succeed; every effect but `costly` costs nothing, that one costs 0.2. */
function chance(costly: string): { readonly play: Play; readonly asked: string[] } {
  const asked: string[] = [];
  const play: Play = async (policy, world, first, episodes) => {
    asked.push(`${policy} ${describeWorld(world)} ${first}+${episodes}`);
    const bites = world.second_world !== null && !world.off.some((factor) => factor === costly);
    return Array.from({ length: episodes }, (_, k) => {
      const draw = createRng(1)
        .stream(`${policy}/${first + k}`)
        .uniform();
      return draw < Number(policy) - (bites ? 0.2 : 0);
    });
  };
  return { play, asked };
}

const OPTIONS = { policies: ['0.3', '0.6', '0.9'], from: FROM, to: TO, first: 5, episodes: 200, seed: 3 };

describe('the gap between two worlds', () => {
  it('is of the same episodes in both, with a ceiling from others of the first', async () => {
    const { play, asked } = chance('elasticity');
    const { transfer, ceiling, outcomes } = await measureGap(OPTIONS, play);
    expect(asked.slice(0, 3)).toEqual([
      '0.3 cannon 5+200',
      '0.3 mujoco with the effects of sealed 5+200',
      '0.3 cannon 205+200',
    ]);
    expect(outcomes.map(({ policy }) => policy)).toEqual(OPTIONS.policies);
    expect(transfer.mean_abs_gap).toBeCloseTo(0.2, 1);
    expect(ceiling.mean_abs_gap).toBeLessThan(0.08);
    for (const { gap } of transfer.rows) {
      expect(gap.ci95[1]).toBeLessThan(0);
    }
    // Pairs leave out what episodes have in common.
    for (const { from, to } of outcomes) expect(to.every((success, i) => !success || from[i])).toBe(true);
  });

  it('is explained by the effect that makes it, and by no other', async () => {
    for (const costly of ['elasticity', 'soft_pads', 'mass']) {
      const { play } = chance(costly);
      const { outcomes } = await measureGap(OPTIONS, play);
      const gains = await ablate(outcomes, TO, 5, 100, play);
      expect(gains.slice(0, 2).map(({ factor }) => factor)).toEqual(['all', costly]);
      for (const { factor, gain } of gains.slice(2)) expect(gain.value, factor).toBe(0);
      expect(gains[1].gain.ci95[0]).toBeGreaterThan(0);
      expect(gains[0].gain).toEqual(gains[1].gain);
    }
  });
});

describe('worlds', () => {
  it('lose their effects one by one, and are the plain engine without all', () => {
    let world = TO;
    for (const factor of SECOND_WORLD_FACTORS) {
      world = withoutFactors(world, [factor]);
      expect(effectsName(world) === null).toBe(factor === SECOND_WORLD_FACTORS[SECOND_WORLD_FACTORS.length - 1]);
    }
    expect(world).toEqual(playedWorld('mujoco', null));
    expect(effectsName(withoutFactors(TO, ['mass', 'gain']))).toContain('gain+mass');
  });

  it('and policies that there are not are named', () => {
    expect(() => playedWorld('bullet', null)).toThrow(/world "bullet": cannon, mujoco/);
    expect(() => playedWorld('cannon', 'sealed')).toThrow(/second world in engine cannon: engine mujoco/);
    expect(() => playedWorld('mujoco', '/nowhere.json')).toThrow(/\/nowhere\.json/);
    expect(() => checkPolicies(['expert', 'oracle'], 'pick-place')).toThrow(/policy "oracle": .*onnx:FILE/);
    expect(() => checkPolicies(['expert', 'expert'], 'pick-place')).toThrow(/policy expert twice/);
    expect(() => checkPolicies(['onnx:/nowhere.onnx'], 'pick-place')).toThrow(/nowhere/);
  });
});
