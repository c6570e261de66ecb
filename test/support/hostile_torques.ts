import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, RobotData, rnea } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { createCommandRequest, envelopeForRobot, SafetyGate, Supervisor } from '../../safety/index.ts';
import { TorqueArm } from './torque_arm.ts';
import { wrongMasses } from './wrong_masses.ts';

const HZ = 500;
/** How much of its speed an arm keeps per cycle under its brakes. */
const BRAKED = 0.8;

export interface HostileTorques {
  /** Cycles that a torque is held; share of the effort limits; whether each joint is always at it. */
  readonly hold: number;
  readonly share: number;
  readonly bang_bang: boolean;
  readonly mass_error: number;
}

export interface HostileOutcome {
  /** Greatest measured velocity as a share of the robot's limits, and way beyond a position limit, rad. */
  readonly velocity: number;
  readonly beyond_rad: number;
  readonly faults: number;
  readonly stopped: number;
  readonly limited: number;
}

/** Random torques through the gate to an arm in free space that is measured, for so many cycles. */
export function hostileTorques(robot: Robot, seed: number, cycles: number, kind: HostileTorques): HostileOutcome {
  const rng = createRng(seed, 'hostile torques');
  const { model, arm_joints: n, limits } = robot;
  const gate = new SafetyGate({ ...envelopeForRobot(robot), workspace: null }, robot, HZ);
  const supervisor = new Supervisor();
  const arm = new TorqueArm(wrongMasses(robot, kind.mass_error, rng));
  const { position, velocity, effort } = arm.state;
  const data = new RobotData(model);
  const weight = new Float64Array(model.nq);
  const request = createCommandRequest(n);
  gate.reset(position, 0.08);
  const found = { velocity: 0, beyond_rad: 0, faults: 0, stopped: 0, limited: 0 };
  let mode = '';
  for (let k = 1; k <= cycles; k++) {
    const t = k / HZ;
    const nonce = supervisor.step(t, gate);
    if (nonce !== 0) gate.grant(nonce);
    gate.observe(arm.state);
    request.stamp_s = t;
    request.kind = k > 5 ? 'torque' : 'none';
    if (k % kind.hold === 0) {
      for (let i = 0; i < n; i++) {
        const drawn = rng.range(-1, 1);
        request.values[i] = (kind.bang_bang ? Math.sign(drawn) : drawn) * kind.share * limits.effort[i];
      }
    }
    const command = gate.step(t, request);
    if (gate.mode === 'fault' && mode !== 'fault') found.faults++;
    mode = gate.mode;
    if (gate.mode !== 'automatic') found.stopped++;
    if (gate.mode === 'fault') gate.acknowledge();
    if (command.torque_interface) arm.tau.set(command.effort);
    else {
      forwardKinematics(model, data, position);
      rnea(model, data, null, null, weight);
      arm.tau.set(weight.subarray(0, n));
    }
    if (command.drives_on) arm.step(1 / HZ);
    else {
      for (let i = 0; i < n; i++) {
        velocity[i] *= BRAKED;
        position[i] += velocity[i] / HZ;
        effort[i] = 0;
      }
    }
    for (let i = 0; i < n; i++) {
      found.velocity = Math.max(found.velocity, Math.abs(velocity[i]) / limits.velocity[i]);
      const beyond = Math.max(position[i] - limits.position_upper[i], limits.position_lower[i] - position[i]);
      found.beyond_rad = Math.max(found.beyond_rad, beyond);
    }
  }
  found.limited = gate.limited;
  return found;
}
