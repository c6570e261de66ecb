import { InputError } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import type { Envelope } from './envelope.ts';
import { checkContact } from './feasibility/contact.ts';
import { checkGripper, checkIdentity, checkOwnLimits, checkRounding, checkTimes } from './feasibility/limits.ts';
import { type EnvelopeReport, type Findings, findingLine } from './feasibility/report.ts';
import { ArmPlaces, checkSpace } from './feasibility/space.ts';
import { checkStops } from './feasibility/stops.ts';
import { checkToolMotion } from './feasibility/tool.ts';
import { checkTorque } from './feasibility/torque.ts';

export { type EnvelopeFinding, type EnvelopeReport, findingLine, type JointStopReport } from './feasibility/report.ts';

/**
 * Whether a robot's gate can obey an envelope at `hz` cycles a second, and why not.
 *
 * The gate lets in only states whose own stop keeps every limit, so joint limits alone are never in conflict: the stop
 * exists by construction. What can be missing is the rest of what a stop stands on, and these are the errors: a robot the
 * limits belong to, limits within that robot's own, room for rounding at this rate, a stop that comes to an end, torque to
 * stand still against gravity, a place to be, times longer than the cycle, a table of what a body bears that may be touched. Limits that are merely useless, since no
 * allowed state reaches them, are warnings.
 *
 * Pure and deterministic; searches use a fixed seed.
 */
export function checkEnvelope(envelope: Envelope, robot: Robot, hz: number): EnvelopeReport {
  if (!(hz > 0 && hz < Number.POSITIVE_INFINITY)) throw new InputError(`rate ${hz} Hz`, 'must be above 0');
  const findings: Findings = { errors: [], warnings: [] };
  const { errors, warnings } = findings;
  checkIdentity(envelope, robot, findings);
  const head = { robot: robot.name, hz, errors, warnings };
  if (errors.length > 0) {
    return {
      ...head,
      feasible: false,
      joints: [],
      stop_time_s: 0,
      tool_reach_m: 0,
      stoppable_tool_speed_m_per_s: null,
      contact: null,
    };
  }
  checkOwnLimits(envelope, robot, findings);
  checkGripper(envelope, robot, findings);
  checkRounding(envelope, hz, findings);
  checkTimes(envelope, hz, findings);
  const contact = checkContact(envelope, robot, findings);
  const stops = envelope.joints.map((joint, i) => checkStops(joint, i, hz, findings));
  const places = new ArmPlaces(envelope, robot, hz);
  checkSpace(envelope, robot, places, findings);
  const torques = checkTorque(envelope, robot, places, findings);
  const stoppable_tool_speed_m_per_s = checkToolMotion(envelope, robot, hz, findings);
  return {
    ...head,
    feasible: errors.length === 0,
    joints: envelope.joints.map(({ name }, i) => ({ name, ...stops[i], ...torques[i] })),
    stop_time_s: Math.max(...stops.map((stop) => stop.stop_time_s)),
    tool_reach_m: places.toolReach(robot.home_q),
    stoppable_tool_speed_m_per_s,
    contact,
  };
}

/** Reports of envelopes that were found feasible, by robot: building a second gate costs nothing. */
const FEASIBLE = new WeakMap<Robot, Set<string>>();

/** Throws InputError with the first reason why `robot` cannot obey the envelope at `hz`, and how many there are. */
export function assertFeasible(envelope: Envelope, robot: Robot, hz: number): void {
  const known = FEASIBLE.get(robot) ?? new Set();
  const key = `${hz} ${JSON.stringify(envelope)}`;
  if (known.has(key)) return;
  const { errors } = checkEnvelope(envelope, robot, hz);
  if (errors.length === 0) {
    FEASIBLE.set(robot, known.add(key));
    return;
  }
  const others = errors.length === 1 ? '' : `; ${errors.length} errors in all, see surepick safety check-envelope`;
  throw new InputError(`envelope of ${robot.name}`, `${findingLine(errors[0])}${others}`);
}
