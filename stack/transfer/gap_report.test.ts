import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { compareWorlds, type PolicyOutcomes } from '../../learning/index.ts';
import { gapReport } from './gap_report.ts';

const outcomes: PolicyOutcomes[] = [0.2, 0.5, 0.8].map((quality) => ({
  policy: `<i>${quality}`,
  from: Array.from({ length: 20 }, (_, k) => k < 20 * quality),
  to: Array.from({ length: 20 }, (_, k) => k < 20 * quality - 2),
}));
const transfer = compareWorlds(outcomes, createRng(1), 100);
const ERROR = {
  ...{ tool_rms_m: 0.002, tool_most_m: 0.005, joint_rms_rad: 0.001, object_median_m: 0, object_most_m: 0.1 },
  ...{ tool_by_step_m: [0, 0.001, 0.002], step_s: 0.04 },
};
const REPORT = {
  gap: { outcomes, transfer, ceiling: transfer },
  ...{ from: 'cannon', to: 'mujoco', task: 'pick-place', seed: 1, episodes: 20 },
  ablation: [{ factor: 'elasticity', gain: { value: 0.1, ci95: [0.02, 0.18] } }] as const,
  ...{ ablation_episodes: 10, replays: [{ factor: 'none', error: ERROR }] as const, replay_episodes: 2 },
};

it('shows every policy, factor and replay, and nothing of a name becomes markup', () => {
  const [page] = gapReport(REPORT).split('</main>');
  expect(page.match(/<circle/g)).toHaveLength(2 * outcomes.length);
  expect(page).toContain(`Pearson r ${transfer.pearson_r?.toFixed(3)}`);
  expect(page).toContain('elasticity');
  expect(page).toContain('2.00 mm');
  expect(page).not.toContain('<i>');
  expect(page).toContain('&lt;i&gt;0.5');
  expect(page).not.toMatch(/NaN|undefined|null</);
});

it('puts better policies to the right and further up', () => {
  const svg = gapReport(REPORT).split('</svg>')[0];
  const points = [...svg.matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)].map((match) => [Number(match[1]), Number(match[2])]);
  expect(points).toHaveLength(3);
  for (let k = 1; k < 3; k++) {
    expect(points[k][0]).toBeGreaterThan(points[k - 1][0]);
    expect(points[k][1]).toBeLessThan(points[k - 1][1]);
  }
});

it('leaves out what was not asked for', () => {
  const page = gapReport({ ...REPORT, ablation: [], replays: [] });
  expect(page).not.toContain('What explains the gap');
  expect(page).not.toContain('The same commands');
});
