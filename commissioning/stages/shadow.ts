import type { JointTrajectory } from '../../contracts/index.ts';
import { limitedEnvelope } from '../../runtime/index.ts';
import { type Envelope, UNCOMMISSIONED_TOOL_SPEED_M_PER_S } from '../../safety/index.ts';
import { ShadowLoop, type ShadowRun } from '../shadow_loop.ts';
import { slowMove } from '../slow_move.ts';
import { checkInterrupted, failure, note, outcomeOf, type Stage, type StageOutcome, type StageRig } from '../stage.ts';
import { handEyeTargets } from './hand_eye.ts';
import { PAYLOAD_LIMITS, payloadTargets } from './payload.ts';
import { SPEED_SHARES, speedLimits, speedTargets } from './speed.ts';
import { stopSweep } from './stop_test.ts';

/** More than sensors make an arm at rest seem to move, rad. */
const MOVED_RAD = 0.01;

interface Planned {
  readonly name: string;
  readonly envelope: Envelope;
  readonly moves: readonly JointTrajectory[];
}

export interface ShadowReport extends ShadowRun {
  readonly name: string;
  readonly move: number;
}

/** Plans what later stages do from where the arm really is, and lets a gate judge it; nothing is sent to the arm. */
export const shadow: Stage = {
  name: 'shadow',
  purpose: 'plays the motions of the later stages through controller and safety gate, connected to nothing',
  moves: false,
  async run(rig) {
    const { arm, robot, progress, say } = rig;
    const seen = await arm.until(() => arm.state !== null, 3);
    if (!seen || arm.state === null) {
      return outcomeOf([failure('no joint states come', 'start joint_state_broadcaster')], {});
    }
    const start = arm.state.position.slice();
    const end = arm.record();
    const plans = plan(rig, start);
    const reports: ShadowReport[] = [];
    for (const [k, { name, envelope, moves }] of plans.entries()) {
      const loop = new ShadowLoop(robot, envelope, start);
      for (const [move, trajectory] of moves.entries()) {
        checkInterrupted(rig);
        const run = await loop.run(trajectory, () => arm.sleep(0.001));
        reports.push({ name, move: move + 1, ...run });
        if (run.outcome !== 'done') break;
        progress((k + (move + 1) / moves.length) / plans.length);
      }
      say(`${name}: ${moves.length} motions, ${sum(reports, name, 'cycles')} decisions of the gate`);
    }
    const moved_rad = Math.max(
      ...end().map(({ position }) => Math.max(...position.map((q, i) => Math.abs(q - start[i])))),
      0,
    );
    return judgeShadow(reports, moved_rad);
  },
};

function plan(rig: StageRig, start: Float64Array): Planned[] {
  const { robot, envelope } = rig;
  const capped = limitedEnvelope(envelope, UNCOMMISSIONED_TOOL_SPEED_M_PER_S, 1);
  const through = (targets: readonly Float64Array[], limits: typeof PAYLOAD_LIMITS) =>
    targets.map((to, k) => slowMove(robot, k === 0 ? start : targets[k - 1], to, limits));
  const sweeps = Array.from({ length: Math.min(rig.settings.stop_trials, robot.arm_joints) }, (_, k) =>
    stopSweep(rig, start, k),
  );
  const speeds = Object.entries(SPEED_SHARES).map(([name, share]) => ({
    name,
    envelope: limitedEnvelope(envelope, Number.POSITIVE_INFINITY, share),
    moves: through(speedTargets(rig, start), speedLimits(share)),
  }));
  const views = rig.settings.target_frame === '' ? [] : handEyeTargets(robot, start);
  return [
    { name: 'stop_test', envelope: capped, moves: sweeps.flatMap(({ there, back }) => [there, back]) },
    { name: 'payload', envelope: capped, moves: through(payloadTargets(rig, start), PAYLOAD_LIMITS) },
    ...(views.length === 0 ? [] : [{ name: 'hand_eye', envelope: capped, moves: through(views, PAYLOAD_LIMITS) }]),
    ...speeds,
  ];
}

/** Whether the gate let everything through, and the arm stood meanwhile. */
export function judgeShadow(reports: readonly ShadowReport[], moved_rad: number): StageOutcome {
  const findings = reports
    .filter(({ outcome, limited, stopped }) => outcome !== 'done' || limited + stopped > 0)
    .map(({ name, move, outcome, limited, stopped, reasons }) => {
      const why = Object.keys(reasons).join(', ') || outcome;
      const what = `the gate does not let motion ${move} of ${name} through from here: ${why} (${limited} cycles limited, ${stopped} stopped)`;
      return failure(what, 'bring the arm to a pose with room around it, or look at the envelope');
    });
  if (!(moved_rad < MOVED_RAD)) {
    const what = `the arm moved by ${moved_rad.toFixed(3)} rad, though nothing was sent to it`;
    findings.push(failure(what, 'find out who else commands the arm, or why it sags'));
  }
  const names = [...new Set(reports.map(({ name }) => name))];
  const decisions = Object.fromEntries(
    names.map((name) => [
      name,
      {
        motions: reports.filter((report) => report.name === name).length,
        cycles: sum(reports, name, 'cycles'),
        passed: sum(reports, name, 'passed'),
        limited: sum(reports, name, 'limited'),
        stopped: sum(reports, name, 'stopped'),
        reasons: reasonsOf(reports, name),
      },
    ]),
  );
  const cycles = reports.reduce((all, report) => all + report.cycles, 0);
  const good = [note(`the gate lets ${reports.length} motions through unchanged, ${cycles} decisions`)];
  return outcomeOf(findings.length > 0 ? findings : good, { decisions, moved_rad });
}

function sum(reports: readonly ShadowReport[], name: string, key: 'cycles' | 'passed' | 'limited' | 'stopped'): number {
  return reports.reduce((all, report) => all + (report.name === name ? report[key] : 0), 0);
}

function reasonsOf(reports: readonly ShadowReport[], name: string): Record<string, number> {
  const all: Record<string, number> = {};
  for (const report of reports) {
    if (report.name !== name) continue;
    for (const [reason, cycles] of Object.entries(report.reasons)) all[reason] = (all[reason] ?? 0) + cycles;
  }
  return all;
}
