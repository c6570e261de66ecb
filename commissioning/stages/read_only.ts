import type { Robot } from '../../robots/index.ts';
import type { CommissioningFinding, Envelope } from '../../safety/index.ts';
import type { StateSample } from '../arm_on_bus.ts';
import { checkInterrupted, failure, note, outcomeOf, type Stage, type StageOutcome, warning } from '../stage.ts';
import { judgeStateStream, type StateStreamReport } from '../state_stream.ts';
import { describeWiring, UNEXPLAINED, WiringCheck } from '../wiring.ts';

const LISTEN_S = 5;
/** Before it: what waits in queues when a listener is new is no jitter. */
const SETTLE_S = 0.5;
const LEAST_RATE_HZ = 50;
const MOST_JITTER_S = 0.02;
/** Stamps may be so much older than their arrival, or so much in the future. */
const MOST_AGE_S = 0.03;
const MOST_DRIFT = 1e-3;
/** An arm at rest moves less than this, rad/s. */
const AT_REST_RAD_PER_S = 0.02;

/** Listens and moves nothing: joint names, limits, signs and order by weight, rate, jitter and clocks of the joint states. */
export const readOnly: Stage = {
  name: 'read_only',
  purpose: 'listens to the joint states of the arm at rest; nothing moves',
  moves: false,
  async run(rig) {
    const { arm, robot, envelope, say, progress } = rig;
    say(`listening to the joint states for ${LISTEN_S} s; keep the arm at rest`);
    await arm.sleep(SETTLE_S);
    const end = arm.record();
    for (let k = 1; k <= LISTEN_S * 5; k++) {
      await arm.sleep(0.2);
      progress(k / (LISTEN_S * 5));
      checkInterrupted(rig);
    }
    return judgeReadOnly(end(), robot, envelope);
  },
};

/** What the joint states of an arm at rest say about it. */
export function judgeReadOnly(samples: readonly StateSample[], robot: Robot, envelope: Envelope): StageOutcome {
  if (samples.length < 2) {
    const what = `${samples.length} joint states in ${LISTEN_S} s`;
    return outcomeOf([failure(what, 'start joint_state_broadcaster, and check topic name, QoS and domain id')], {});
  }
  const stream = judgeStateStream(samples);
  const named = names(samples[0], robot);
  const findings = [...named, ...times(stream)];
  if (named.length === 0) findings.push(...positions(samples, robot, envelope), ...weight(samples, robot));
  const { messages, rate_hz, longest_gap_s, jitter_s, age_s, drift } = stream;
  return outcomeOf(findings, { messages, rate_hz, longest_gap_s, jitter_s, age_s, drift });
}

function names({ names: told }: StateSample, robot: Robot): CommissioningFinding[] {
  const wanted = robot.model.joint_names.slice(0, robot.arm_joints);
  const missing = wanted.filter((name) => !told.includes(name));
  if (missing.length === 0) return [];
  const what = `no joint state of ${missing.join(', ')}; there are ${told.join(', ')}`;
  return [failure(what, 'name the joints as the description does, or give the description of this arm')];
}

function times({ rate_hz, jitter_s, age_s, drift, out_of_order }: StateStreamReport): CommissioningFinding[] {
  const findings: CommissioningFinding[] = [];
  const ms = (seconds: number) => `${(1000 * seconds).toFixed(1)} ms`;
  if (rate_hz < LEAST_RATE_HZ) {
    const what = `joint states at ${rate_hz.toFixed(1)} Hz, below ${LEAST_RATE_HZ} Hz`;
    findings.push(failure(what, 'raise the update rate of the controller manager or of joint_state_broadcaster'));
  }
  if (jitter_s > MOST_JITTER_S) {
    const what = `joint states come up to ${ms(jitter_s)} late, over ${ms(MOST_JITTER_S)}`;
    findings.push(warning(what, 'give the driver a machine of its own, or a real-time kernel'));
  }
  if (Math.abs(age_s) > MOST_AGE_S) {
    const what = `stamps of joint states are ${ms(Math.abs(age_s))} ${age_s > 0 ? 'old when they come' : 'in the future'}, over ${ms(MOST_AGE_S)}`;
    findings.push(failure(what, 'keep both computers on one clock (chrony, PTP), and look for a queue on the way'));
  }
  if (Math.abs(drift) > MOST_DRIFT) {
    const what = `the driver's clock drifts by ${ms(drift)} a second`;
    findings.push(failure(what, 'keep both computers on one clock (chrony, PTP)'));
  }
  if (out_of_order > 0) {
    findings.push(
      failure(`${out_of_order} stamps of joint states go back`, 'let one broadcaster publish, not several'),
    );
  }
  return findings;
}

function positions(samples: readonly StateSample[], robot: Robot, envelope: Envelope): CommissioningFinding[] {
  const findings: CommissioningFinding[] = [];
  const { limits, model } = robot;
  const last = samples[samples.length - 1];
  for (let i = 0; i < robot.arm_joints; i++) {
    const name = model.joint_names[i];
    const q = last.position[i];
    const { position_lower_rad, position_upper_rad } = envelope.joints[i];
    if (!Number.isFinite(q)) {
      findings.push(failure(`${name} reports no position`, 'let joint_state_broadcaster publish positions'));
    } else if (q < limits.position_lower[i] || q > limits.position_upper[i]) {
      const range = `${limits.position_lower[i]} to ${limits.position_upper[i]} rad`;
      const what = `${name} reports ${q.toFixed(4)} rad, outside its limits of ${range}`;
      findings.push(failure(what, 'check order, sign and zero of this joint, and the description'));
    } else if (q < position_lower_rad || q > position_upper_rad) {
      const what = `${name} at ${q.toFixed(4)} rad is outside the envelope`;
      findings.push(warning(what, 'bring the arm inside by hand before it moves'));
    }
    const fastest = Math.max(...samples.map(({ velocity }) => Math.abs(velocity[i])));
    if (fastest > AT_REST_RAD_PER_S) {
      findings.push(
        failure(`${name} moves at ${fastest.toFixed(3)} rad/s`, 'bring the arm to rest and run this again'),
      );
    }
  }
  return findings;
}

function weight(samples: readonly StateSample[], robot: Robot): CommissioningFinding[] {
  const rest = meanOf(samples);
  if (rest.effort.some((tau) => !Number.isFinite(tau))) {
    return [warning('the joint states carry no torques', 'joint order and signs have to be looked at by eye')];
  }
  const names = robot.model.joint_names;
  const { wiring, misfit, best_misfit, untold, residual_Nm } = new WiringCheck(robot).judge([rest]);
  if (wiring.kind !== 'as_described') {
    const what = `by their weight ${describeWiring(wiring, names)} (torques are off by ${misfit.toFixed(1)} deviations, ${best_misfit.toFixed(1)} if so)`;
    return [failure(what, 'mend the order or sign in the hardware description before anything moves')];
  }
  if (misfit > UNEXPLAINED) {
    const worst = residual_Nm.reduce((a, r, i) => (Math.abs(r) > Math.abs(residual_Nm[a]) ? i : a), 0);
    const what = `${names[worst]} carries ${residual_Nm[worst].toFixed(1)} Nm more than the description says, and no swap or sign explains it`;
    return [warning(what, 'something is carried or touched that is not described; the payload stage tells')];
  }
  if (untold.length === 0) return [];
  const list = untold.map((other) => describeWiring(other, names)).join('; ');
  return [note(`weight cannot tell in this pose whether ${list}; the payload stage looks again in other poses`)];
}

/** Positions and torques of an arm at rest, averaged. */
export function meanOf(samples: readonly StateSample[]): { position: Float64Array; effort: Float64Array } {
  const n = samples[0].position.length;
  const mean = { position: new Float64Array(n), effort: new Float64Array(n) };
  for (const { position, effort } of samples) {
    for (let i = 0; i < n; i++) {
      mean.position[i] += position[i] / samples.length;
      mean.effort[i] += effort[i] / samples.length;
    }
  }
  return mean;
}
