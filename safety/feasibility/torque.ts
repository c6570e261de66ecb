import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, RobotData, rnea } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { Envelope } from '../envelope.ts';
import { climb, type PositionSearch, slidingJoints, startPositions, wander } from './extreme.ts';
import { type Findings, shortList } from './report.ts';
import type { ArmPlaces } from './space.ts';

/** Positions from which the search for the greatest torque sets out, and of them the best to climb from. */
const SAMPLES = 96;
const CLIMBS = 1;
/** The same where not every position is allowed. */
const ALLOWED_SAMPLES = 60;
const WALKS = 4;
/** Random states of the search for the torque of a stop. */
const STOPS = 512;

export interface JointTorque {
  readonly hold_torque_Nm: number;
  readonly stop_torque_Nm: number;
}

/**
 * Whether the arm can stand still everywhere: in no allowed position may gravity need more than `effort_Nm`. The arm
 * carries nothing; whoever plans for a load lowers `effort_Nm` by what it takes.
 *
 * Braking with all joints at once from full speed may need more than `effort_Nm`; that is a warning, since tables of joint
 * limits are not meant to be used up by all joints together: the Panda's own would not pass.
 */
export function checkTorque(
  envelope: Envelope,
  robot: Robot,
  places: ArmPlaces,
  { errors, warnings }: Findings,
): JointTorque[] {
  const stops = stopTorques(envelope, robot);
  const anywhere = new GravitySearch(envelope, robot, null);
  let inside: GravitySearch | null = null;
  const torques = envelope.joints.map(({ effort_Nm }, i) => {
    let found = anywhere.greatest(i);
    if (found.torque > effort_Nm && !places.allows(found.q)) {
      // Positions outside the workspace matter only if they would decide.
      inside ??= new GravitySearch(envelope, robot, places);
      found = inside.greatest(i);
    }
    const { torque, q } = found;
    if (torque > effort_Nm) {
      errors.push({
        place: `joints.${i}.effort_Nm`,
        value: effort_Nm,
        bound: 'at least',
        limit: torque,
        reason: `infeasible: no standstill exists at ${shortList(q.subarray(0, envelope.joints.length))}, where gravity needs ${torque.toFixed(1)} Nm`,
      });
    }
    return { hold_torque_Nm: torque, stop_torque_Nm: Math.max(torque, stops[i]) };
  });
  const weak = envelope.joints.flatMap(({ name, effort_Nm }, i) =>
    torques[i].stop_torque_Nm > effort_Nm && torques[i].hold_torque_Nm <= effort_Nm
      ? [`${name} ${torques[i].stop_torque_Nm.toFixed(1)} of ${effort_Nm.toFixed(1)} Nm`]
      : [],
  );
  if (weak.length > 0) {
    warnings.push({
      place: 'joints',
      value: weak.join(', '),
      bound: 'at most',
      limit: 'effort_Nm',
      reason: 'braking with all joints at once from full speed can need more torque than they may use',
    });
  }
  return torques;
}

/** Looks for the position, all `nq` coordinates, in which gravity loads a joint most. */
class GravitySearch {
  private readonly robot: Robot;
  private readonly data: RobotData;
  private readonly tau: Float64Array;
  private readonly search: Omit<PositionSearch, 'value'>;
  /** Positions to set out from, and their gravity torques. */
  private readonly starts: readonly { readonly q: Float64Array; readonly tau: Float64Array }[];
  private readonly places: ArmPlaces | null;

  /** @param places  of the positions that count; null: all within the joint limits */
  constructor({ joints }: Envelope, robot: Robot, places: ArmPlaces | null) {
    this.robot = robot;
    this.data = new RobotData(robot.model);
    this.tau = new Float64Array(robot.model.nq);
    const lower = joints.map((joint) => joint.position_lower_rad);
    const upper = joints.map((joint) => joint.position_upper_rad);
    const prismatic = slidingJoints(robot);
    this.search = { lower, upper, prismatic };
    this.places = places;
    const starts = startPositions(robot.home_q, lower, upper, places === null ? SAMPLES : ALLOWED_SAMPLES);
    this.starts = starts.filter((q) => this.mend(q)).map((q) => ({ q, tau: this.gravity(q).slice() }));
  }

  /** Of joint `i` (Nm); 0 if no position is allowed. */
  greatest(i: number): { torque: number; q: Float64Array } {
    let best = { torque: 0, q: this.robot.home_q.slice() };
    for (const sign of [1, -1]) {
      const value = (q: Float64Array): number => sign * this.gravity(q)[i];
      const ranked = this.starts.toSorted((a, b) => sign * (b.tau[i] - a.tau[i]));
      for (const start of ranked.slice(0, this.places === null ? CLIMBS : WALKS)) {
        const q = start.q.slice();
        const search = { ...this.search, value };
        const torque =
          this.places === null ? climb(search, q) : wander(search, q, (at) => this.mend(at), createRng(3, 'envelope'));
        if (torque > best.torque) best = { torque, q };
      }
    }
    return best;
  }

  /** Brings `q` to where it counts, if it can. */
  private mend(q: Float64Array): boolean {
    return this.places === null || (this.places.approach(q) === 0 && this.places.clearanceAt(q) >= 0);
  }

  private gravity(q: Float64Array): Float64Array {
    forwardKinematics(this.robot.model, this.data, q);
    rnea(this.robot.model, this.data, null, null, this.tau);
    return this.tau;
  }
}

/** Greatest |torque| of each joint (Nm) over random states at full speed, all joints braking as hard as they may. */
function stopTorques({ joints }: Envelope, robot: Robot): Float64Array {
  const { model } = robot;
  const rng = createRng(2, 'envelope');
  const data = new RobotData(model);
  const q = robot.home_q.slice();
  const v = new Float64Array(model.nq);
  const a = new Float64Array(model.nq);
  const tau = new Float64Array(model.nq);
  const greatest = new Float64Array(joints.length);
  for (let k = 0; k < STOPS; k++) {
    joints.forEach((joint, i) => {
      const sign = rng.uniform() < 0.5 ? -1 : 1;
      q[i] = rng.range(joint.position_lower_rad, joint.position_upper_rad);
      v[i] = sign * joint.velocity_rad_per_s;
      a[i] = -sign * joint.acceleration_rad_per_s2;
    });
    forwardKinematics(model, data, q);
    rnea(model, data, v, a, tau);
    for (let i = 0; i < joints.length; i++) greatest[i] = Math.max(greatest[i], Math.abs(tau[i]));
  }
  return greatest;
}
