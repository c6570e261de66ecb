import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { envelopeForRobot } from '../envelope.ts';
import { checkEnvelope } from '../feasibility.ts';
import { envelopeWithin, parseRiskBudget } from './risk_budget.ts';

const robot = loadRobot('panda');
const own = envelopeForRobot(robot);
const document = {
  ...{ schema: 'surepick.risk_budget', version: 1, purpose: 'training', tool_speed_m_per_s: 0.5 },
  ...{ joint_speed_share: 0.5, region: null, force_N: 30, interventions_per_hour: 3 },
};

describe('a risk budget', () => {
  it('leaves an envelope that can be kept, with no limit looser than its own or the envelope’s', () => {
    for (let seed = 0; seed < 8; seed++) {
      const rng = createRng(seed, 'budget');
      const centre = [0.4, 0, 0.4].map((x) => x + 0.2 * (rng.uniform() - 0.5));
      const budget = parseRiskBudget(
        {
          ...document,
          tool_speed_m_per_s: 0.05 + rng.uniform(),
          joint_speed_share: 0.05 + 0.95 * rng.uniform(),
          region: {
            lower_m: centre.map((x) => x - 0.3 - rng.uniform()),
            upper_m: centre.map((x) => x + 0.3 + rng.uniform()),
          },
        },
        'budget',
      );
      const within = envelopeWithin(own, budget);
      expect(checkEnvelope(within, robot, 500).feasible, `seed ${seed}`).toBe(true);
      for (const [i, joint] of within.joints.entries()) {
        expect(joint.velocity_rad_per_s).toBeLessThanOrEqual(own.joints[i].velocity_rad_per_s);
        expect({ ...joint, velocity_rad_per_s: 0 }).toEqual({ ...own.joints[i], velocity_rad_per_s: 0 });
      }
      expect(within.tool.speed_m_per_s).toBeLessThanOrEqual(budget.tool_speed_m_per_s);
      expect(within.tool.reduced_speed_m_per_s).toBeLessThanOrEqual(own.tool.reduced_speed_m_per_s);
      for (let axis = 0; axis < 3; axis++) {
        const lower = Math.max(own.workspace?.lower_m[axis] ?? -9, budget.region?.lower_m[axis] ?? -9);
        const upper = Math.min(own.workspace?.upper_m[axis] ?? 9, budget.region?.upper_m[axis] ?? 9);
        expect(within.workspace?.lower_m[axis]).toBe(lower);
        expect(within.workspace?.upper_m[axis]).toBe(upper);
      }
    }
  });

  it('keeps a slower envelope’s speed, and takes its own region where the envelope has none', () => {
    const slow = { ...own, tool: { ...own.tool, speed_m_per_s: 0.2 }, workspace: null };
    const region = { lower_m: [0, -0.2, 0], upper_m: [0.5, 0.2, 0.6] } as const;
    const within = envelopeWithin(slow, parseRiskBudget({ ...document, region }, 'budget'));
    expect(within.tool.speed_m_per_s).toBe(0.2);
    expect(within.workspace).toEqual(region);
  });

  it('is refused with place, value and limit', () => {
    expect(() => parseRiskBudget({ ...document, force_N: -1 }, 'b.json')).toThrow(/b\.json: force_N/);
    expect(() => parseRiskBudget({ ...document, joint_speed_share: 1.5 }, 'b.json')).toThrow(/joint_speed_share/);
    expect(() => parseRiskBudget({ ...document, forces: 1 }, 'b.json')).toThrow(/forces/);
    const beside = parseRiskBudget({ ...document, region: { lower_m: [2, 2, 2], upper_m: [3, 3, 3] } }, 'b');
    expect(() => envelopeWithin(own, beside)).toThrow(InputError);
    expect(() => envelopeWithin(own, beside)).toThrow('region 2 to 3 m along x');
  });
});
