import { describe, expect, it } from 'vitest';
import { loadRobot } from '../../robots/index.ts';
import { limitedEnvelope } from '../../runtime/index.ts';
import { envelopeForRobot } from '../../safety/index.ts';
import { ShadowLoop } from '../shadow_loop.ts';
import { slowMove } from '../slow_move.ts';
import { judgeShadow, type ShadowReport } from './shadow.ts';

const PANDA = loadRobot('panda', { visualMeshes: false });
const HOME = PANDA.home_q.slice(0, PANDA.arm_joints);
const ENVELOPE = envelopeForRobot(PANDA);
const turned = (joint: number, by_rad: number) => HOME.map((q, i) => (i === joint ? q + by_rad : q));
const breathe = async () => {};

async function shadowOf(to: Float64Array, envelope = ENVELOPE, tool_speed_m_per_s = 0.045): Promise<ShadowReport> {
  const loop = new ShadowLoop(PANDA, envelope, HOME);
  const run = await loop.run(slowMove(PANDA, HOME, to, { share: 0.3, tool_speed_m_per_s }), breathe);
  return { name: 'payload', move: 1, ...run };
}

describe('shadow stage', () => {
  it('lets motions through that the gate lets through, every cycle of them', async () => {
    const report = await shadowOf(turned(0, 0.3), limitedEnvelope(ENVELOPE, 0.05, 1));
    expect(report).toMatchObject({ outcome: 'done', limited: 0, stopped: 0, reasons: {} });
    expect(report.passed).toBe(report.cycles);
    const outcome = judgeShadow([report], 0.0001);
    expect(outcome).toMatchObject({ verdict: 'passed', measurements: { decisions: { payload: { motions: 1 } } } });
  });

  it('names what the gate stops, with its reasons: too fast a tool, a wall in the way', async () => {
    const fast = await shadowOf(turned(0, 0.5), limitedEnvelope(ENVELOPE, 0.05, 1), 0.2);
    expect(fast.limited + fast.stopped).toBeGreaterThan(0);
    const words = judgeShadow([fast], 0).findings.map(({ what }) => what);
    expect(words.join()).toMatch(/does not let motion 1 of payload through from here: .*tool_speed/);
    const narrow = { ...ENVELOPE, workspace: { lower_m: [-0.3, -0.1, -0.005], upper_m: [0.9, 0.1, 1.2] } as const };
    const out = await shadowOf(turned(0, 0.8), narrow);
    expect(judgeShadow([out], 0)).toMatchObject({ verdict: 'failed', findings: [{ severity: 'failure' }] });
    expect(Object.keys(out.reasons)).toContain('workspace');
  });

  it('fails when the arm moves though nothing is sent to it', () => {
    const outcome = judgeShadow([], 0.05);
    expect(outcome.verdict).toBe('failed');
    expect(outcome.findings[0].what).toContain('the arm moved by 0.050 rad');
  });
});
