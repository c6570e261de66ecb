import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { crba, forwardDynamics, forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { envelopeForRobot, envelopeLimits } from '../safety/index.ts';
import { BOXED_NUMBER, bytesPerCall } from '../test/support/heap.ts';
import { restToRest } from '../test/support/rest_to_rest.ts';
import { ComputedTorqueServo } from './computed_torque.ts';

const ROBOT = loadRobot('panda');
const { model } = ROBOT;
const N = ROBOT.arm_joints;
const DT_S = 0.002;

describe('computed torque', () => {
  it('is M (a_ref + kp e + kd e˙) + h of the arm', () => {
    const rng = createRng(41);
    const gains = { stiffness_per_s2: 900, damping_per_s: 40 };
    const servo = new ComputedTorqueServo(model, gains);
    const data = new RobotData(model);
    const random = (size: number, scale: number) => Float64Array.from({ length: size }, () => rng.range(-scale, scale));
    for (let c = 0; c < 50; c++) {
      const [q, v] = [random(model.nq, 1), random(model.nq, 1)];
      const [q_ref, v_ref, a_ref] = [random(N, 1), random(N, 1), random(N, 5)];
      const tau = new Float64Array(model.nq).fill(-7);
      servo.torque(q, v, q_ref, v_ref, a_ref, tau);
      forwardKinematics(model, data, q);
      crba(model, data);
      const h = new Float64Array(model.nq);
      rnea(model, data, v, null, h);
      for (let i = 0; i < N; i++) {
        let expected = h[i];
        for (let k = 0; k < N; k++) {
          expected += data.M[i * model.nq + k] * (a_ref[k] + 900 * (q_ref[k] - q[k]) + 40 * (v_ref[k] - v[k]));
        }
        expect(tau[i]).toBeCloseTo(expected, 8);
      }
      expect(tau[7]).toBe(-7);
    }
  });

  it('follows jerk-limited moves of the whole arm, and bounds the error of an unknown load', () => {
    const rng = createRng(42);
    const servo = new ComputedTorqueServo(model);
    const data = new RobotData(model);
    const limits = envelopeLimits(envelopeForRobot(ROBOT));
    const names = model.joint_names.slice(0, N);
    const q = ROBOT.home_q.slice();
    const v = new Float64Array(model.nq);
    const tau = new Float64Array(model.nq);
    const qdd = new Float64Array(model.nq);
    let [free, loaded] = [0, 0];
    let from = q.slice(0, N);
    for (let move = 0; move < 6; move++) {
      const to = from.map((_, i) => rng.range(0.8 * limits.position_lower[i], 0.8 * limits.position_upper[i]));
      const path = restToRest(from, to, limits, 0.9, DT_S, names);
      const load = move % 2;
      const ref = { q: from.slice(), v: new Float64Array(N), a: new Float64Array(N) };
      for (let k = 1; k < path.time_s.length + 200; k++) {
        const row = Math.min(k, path.time_s.length - 1) * N;
        for (let i = 0; i < N; i++) {
          const next_v = (path.position[row + i] - ref.q[i]) / DT_S;
          ref.a[i] = (next_v - ref.v[i]) / DT_S;
        }
        servo.torque(q, v, ref.q, ref.v, ref.a, tau);
        // A load the model does not know: 4 N at the tool's distance, in the wrist and the shoulder.
        tau[1] += 2 * load;
        tau[5] += 0.4 * load;
        forwardKinematics(model, data, q);
        forwardDynamics(model, data, v, tau, qdd);
        for (let i = 0; i < model.nq; i++) v[i] += DT_S * (i < N ? qdd[i] : 0);
        for (let i = 0; i < N; i++) q[i] += DT_S * v[i];
        let worst = 0;
        for (let i = 0; i < N; i++) {
          ref.v[i] = (path.position[row + i] - ref.q[i]) / DT_S;
          ref.q[i] = path.position[row + i];
          worst = Math.max(worst, Math.abs(q[i] - ref.q[i]));
        }
        if (load === 1) loaded = Math.max(loaded, worst);
        else if (move === 0) free = Math.max(free, worst);
      }
      from = to;
    }
    // Fingers are held by assumption; what remains is their motion in the hand's accelerations.
    expect(free, 'rad, exact model').toBeLessThan(1e-3);
    expect(loaded, 'rad, unknown load').toBeLessThan(0.02);
    expect(loaded).toBeGreaterThan(free);
  });

  it('allocates nothing', () => {
    const servo = new ComputedTorqueServo(model);
    const zero = new Float64Array(N);
    const v = new Float64Array(model.nq);
    const tau = new Float64Array(model.nq);
    const home = ROBOT.home_q.slice(0, N);
    const run = (count: number): void => {
      for (let i = 0; i < count; i++) servo.torque(ROBOT.home_q, v, home, zero, zero, tau);
    };
    run(5000);
    expect(bytesPerCall(2000, run, 40, BOXED_NUMBER)).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});
