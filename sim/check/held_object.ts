import type { Shape } from '../../contracts/index.ts';
import { ComputedTorqueServo } from '../../control/index.ts';
import { check, type Law, type LawSetting, type PhysicsCheck, stepsOf, tolerance } from './check.ts';
import { Grasp, releaseGrasp } from './grasp.ts';
import { panda } from './robots.ts';
import { distance } from './scenes.ts';

const GRIP = { mu: 0.8, force_N: 25, mass_kg: 0.2 } as const;
/** Amplitude (rad) and periods (s) of the joints' swings. */
const SWING_RAD = 0.25;
const PERIODS_S = [3.1, 2.7, 2.3, 3.7, 1.9, 2.9, 1.7];
const RAMP_S = 2;

/** What the object moved in the hand in 10 s in which the arm stands still (m). */
function stillDrift(setting: LawSetting, shape: Shape): number {
  const grasp = new Grasp(setting, shape, GRIP);
  for (let k = 0; k < stepsOf(setting, 1); k++) grasp.step();
  const start = grasp.place();
  for (let k = 0; k < stepsOf(setting, 10); k++) grasp.step();
  const drift = distance(grasp.place(), start);
  releaseGrasp(grasp);
  return drift;
}

/** What the object moved in the hand while the arm swung all its joints for `time_s`, and came back (m). */
function movingDrift(setting: LawSetting, shape: Shape, time_s: number): number {
  const grasp = new Grasp(setting, shape, GRIP);
  const { engine } = grasp;
  const n = panda().arm_joints;
  const servo = new ComputedTorqueServo(panda().model);
  const home = engine.q.slice(0, n);
  const [q, v, a] = [home.slice(), new Float64Array(n), new Float64Array(n)];
  const at = (t: number, i: number) => {
    const part = Math.max(0, Math.min(1, t / RAMP_S, (time_s - t) / RAMP_S));
    const smooth = part * part * part * (10 - 15 * part + 6 * part * part);
    return home[i] + smooth * SWING_RAD * Math.sin((2 * Math.PI * t) / PERIODS_S[i]);
  };
  const { dt_s } = setting;
  const start = grasp.place();
  grasp.freeArm();
  for (let k = 0; k < stepsOf(setting, time_s + 0.5); k++) {
    for (let i = 0; i < n; i++) {
      q[i] = at(k * dt_s, i);
      const before = (q[i] - at((k - 1) * dt_s, i)) / dt_s;
      v[i] = before;
      a[i] = ((at((k + 1) * dt_s, i) - q[i]) / dt_s - before) / dt_s;
    }
    servo.torque(engine.q, engine.v, q, v, a, engine.tau);
    grasp.squeeze();
    engine.step();
  }
  const drift = distance(grasp.place(), start);
  releaseGrasp(grasp);
  return drift;
}

/** What friction holds stays where it is in the hand, still and in motion. */
export const heldObject: Law = (setting) => {
  const shapes: readonly (readonly [string, Shape])[] = [
    ['box', { type: 'box', size: [0.04, 0.05, 0.04] }],
    ['cylinder', { type: 'cylinder', radius: 0.02, length: 0.06 }],
  ];
  const time_s = setting.thorough ? 60 : 6;
  return shapes
    .slice(0, setting.thorough ? 2 : 1)
    .flatMap(([kind, shape]): PhysicsCheck[] => [
      check(
        `held ${kind}: drift in 10 s still`,
        0,
        stillDrift(setting, shape),
        tolerance(setting, 1e-6, { mujoco: 1e-5 }),
        'm',
      ),
      check(
        `held ${kind}: drift in ${time_s} s of motion`,
        0,
        movingDrift(setting, shape, time_s),
        tolerance(setting, 1e-4, { mujoco: 1e-3 }),
        'm',
      ),
    ]);
};
