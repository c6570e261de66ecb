import { ArmDynamics, PayloadIdentification } from '../../control/index.ts';
import { type Robot, withPayload } from '../../robots/index.ts';
import { carry, whereIs } from '../carry.ts';
import type { MoveLimits } from '../slow_move.ts';
import {
  checkInterrupted,
  failure,
  notApplicable,
  note,
  outcomeOf,
  type Stage,
  type StageRig,
  warning,
} from '../stage.ts';
import { describeWiring, type RestSample, WiringCheck } from '../wiring.ts';
import { meanOf } from './read_only.ts';

/** Wrist poses away from the one at the start, rad: they turn the load through gravity and move the tool little. */
const TURNS: readonly (readonly [joint: number, by_rad: number])[][] = [
  [],
  [[6, 0.8]],
  [[5, -0.5]],
  [
    [5, -0.5],
    [6, -0.8],
  ],
  [[4, 0.5]],
  [
    [3, 0.3],
    [5, 0.3],
  ],
  [
    [1, -0.2],
    [3, -0.2],
  ],
];
export const PAYLOAD_LIMITS: MoveLimits = { share: 0.1, tool_speed_m_per_s: 0.045 };
const SETTLE_S = 0.4;
const LISTEN_S = 0.6;
/** A load that differs by more is a failure, kg; one whose interval is wider cannot be judged. */
const MOST_MASS_KG = 0.25;
/** Added to what is weighed, kg: more than a tool could be lighter than described. */
const REFERENCE_KG = 5;
/** Torque that gravity leaves over once the load is known, Nm, as part of the joint's limit. */
const MOST_RESIDUAL_PART = 0.05;

/** Weighs what the tool carries in several poses at rest, and looks at what gravity leaves over joint by joint. */
export const payload: Stage = {
  name: 'payload',
  purpose: `turns the wrist to ${TURNS.length} poses at no more than 45 mm/s and weighs what the tool carries`,
  moves: true,
  async run(rig) {
    const rest = await visit(rig);
    return judgePayload(rest, rig);
  },
};

/** The poses one after the other, the last of them `home` again; rad. */
export function payloadTargets(rig: Pick<StageRig, 'robot' | 'envelope'>, home: Float64Array): Float64Array[] {
  return [...TURNS, []].map((turn) => {
    const to = home.slice();
    for (const [joint, by_rad] of turn) {
      if (joint < rig.robot.arm_joints) to[joint] = inside(rig, joint, home[joint], by_rad);
    }
    return to;
  });
}

async function visit(rig: StageRig): Promise<RestSample[]> {
  const { arm, progress } = rig;
  await arm.reset();
  const home = whereIs(rig);
  const rest: RestSample[] = [];
  for (const [k, to] of payloadTargets(rig, home).entries()) {
    checkInterrupted(rig);
    await carry(rig, `pose ${k + 1}`, to, PAYLOAD_LIMITS);
    if (k === TURNS.length) break;
    await arm.sleep(SETTLE_S);
    rest.push(meanOf(await arm.listen(LISTEN_S)));
    progress((k + 1) / TURNS.length);
  }
  return rest;
}

/**
 * What the tool carries beyond `told`: mass, and mass times centre of mass along the tool's axes. The poses are weighed with
 * a known mass added to the torques, so that less than nothing can be told from nothing.
 */
function weigh(rest: readonly RestSample[], told: Robot) {
  const n = told.arm_joints;
  const heavier = new ArmDynamics(withPayload(told, { mass_kg: REFERENCE_KG }));
  const plain = new ArmDynamics(told);
  const identification = new PayloadIdentification(told);
  const q = told.home_q.slice();
  const v = new Float64Array(told.model.nq);
  const tau = new Float64Array(told.model.nq);
  for (const { position, effort } of rest) {
    q.set(position.subarray(0, n));
    heavier.update(q, v);
    plain.update(q, v);
    for (let i = 0; i < n; i++) tau[i] = effort[i] + heavier.bias[i] - plain.bias[i];
    identification.addTorques(q, v, null, tau);
  }
  const { payload: found, mass_interval_kg, residual } = identification.estimate();
  const { mass_kg, com_m = [0, 0, 0] } = found;
  return {
    ...{ mass_kg: mass_kg - REFERENCE_KG, mass_interval_kg, residual },
    moment_kgm: com_m.map((c) => c * mass_kg),
  };
}

/** The other way round where the joint has no room. */
function inside({ envelope }: Pick<StageRig, 'envelope'>, joint: number, from_rad: number, by_rad: number): number {
  const { position_lower_rad, position_upper_rad } = envelope.joints[joint];
  const to = from_rad + by_rad;
  return to > position_lower_rad && to < position_upper_rad ? to : from_rad - by_rad;
}

export function judgePayload(rest: readonly RestSample[], { robot, settings }: Pick<StageRig, 'robot' | 'settings'>) {
  const n = robot.arm_joints;
  const names = robot.model.joint_names;
  if (rest.some(({ effort }) => effort.some((tau) => !Number.isFinite(tau)))) {
    return notApplicable('the joint states carry no torques', 'weigh the tool and its load on a scale');
  }
  const told = settings.payload_kg > 0 ? withPayload(robot, { mass_kg: settings.payload_kg }) : robot;
  const { wiring } = new WiringCheck(told).judge(rest);
  if (wiring.kind !== 'as_described') {
    const what = `in ${rest.length} poses the weights say that ${describeWiring(wiring, names)}`;
    return outcomeOf([failure(what, 'mend the order or sign in the hardware description')], {});
  }
  const { mass_kg, mass_interval_kg, moment_kgm, residual } = weigh(rest, told);
  const known = mass_kg - mass_interval_kg > 0;
  const measurements = {
    ...{ extra_mass_kg: mass_kg, mass_interval_kg, residual_Nm: residual },
    com_m: known ? moment_kgm.map((moment) => moment / mass_kg) : null,
  };
  const within = `${mass_kg.toFixed(2)} ± ${mass_interval_kg.toFixed(2)} kg`;
  const effort_limit = Math.min(...robot.limits.effort.subarray(0, n));
  const findings = [];
  if (Math.abs(mass_kg) - mass_interval_kg > MOST_MASS_KG) {
    const size = within.replace(/^-/, '');
    const what = `the tool carries ${size} ${mass_kg > 0 ? 'more' : 'less'} than the ${settings.payload_kg} kg that were told`;
    findings.push(
      failure(
        what,
        `give the load as it is (--payload ${Math.max(0, settings.payload_kg + mass_kg).toFixed(2)}), or take it off`,
      ),
    );
  } else findings.push(note(`the load differs by ${within} from what was told`));
  if (residual > MOST_RESIDUAL_PART * effort_limit) {
    const what = `gravity leaves ${residual.toFixed(2)} Nm unexplained (root mean square)`;
    findings.push(warning(what, 'calibrate the torque sensors, or look for what pulls at the arm (hoses, cables)'));
  }
  return outcomeOf(findings, measurements);
}
