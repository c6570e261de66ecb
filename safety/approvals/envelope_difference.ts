import type { Degradation } from '../../contracts/index.ts';
import type { Envelope, envelopeSchema } from '../envelope.ts';
import { documentHash } from '../keys/index.ts';
import { DEFAULT_REACTIONS, FAULTS, type Fault, type Reaction } from '../monitors/reactions.ts';
import type { Obstacle } from '../obstacle.ts';
import {
  type Change,
  type Difference,
  differenceOf,
  either,
  type FieldDifference,
  greater,
  limit,
  smaller,
} from './difference.ts';
import { documentOf, type SubjectDocument } from './request.ts';
import { volumeChange } from './volume_difference.ts';
import { worstStop } from './worst_stop.ts';

type Joint = Envelope['joints'][number];

/** Fields of a joint; what a stop is made of depends on the others, and is compared by the stops it gives. */
const JOINT: Readonly<Record<keyof Joint, (from: Joint, to: Joint) => Change>> = {
  name: either,
  position_lower_rad: (from, to) => greater(from.position_lower_rad, to.position_lower_rad),
  position_upper_rad: (from, to) => smaller(from.position_upper_rad, to.position_upper_rad),
  velocity_rad_per_s: (from, to) => smaller(from.velocity_rad_per_s, to.velocity_rad_per_s),
  acceleration_rad_per_s2: (from, to) =>
    stops(smaller(from.acceleration_rad_per_s2, to.acceleration_rad_per_s2), from, to),
  jerk_rad_per_s3: (from, to) => stops(smaller(from.jerk_rad_per_s3, to.jerk_rad_per_s3), from, to),
  effort_Nm: (from, to) => smaller(from.effort_Nm, to.effort_Nm),
  // Stops with torques are as gentle as this: a smaller one makes them longer.
  effort_rate_Nm_per_s: either,
};

/** Gentler is less only where no stop may take longer or go farther than one may now. */
function stops(change: Change, from: Joint, to: Joint): Change {
  if (change !== 'tighter') return change;
  const [now, then] = [worstStop(from), worstStop(to)];
  return then.time_s <= now.time_s && then.distance_rad <= now.distance_rad ? 'tighter' : 'other';
}

type Box = { readonly lower_m: readonly number[]; readonly upper_m: readonly number[] };

function workspaceChange(from: Box | null, to: Box | null): Change {
  if (to === null) return 'looser';
  if (from === null) return 'tighter';
  const inside = (axis: number) => from.lower_m[axis] <= to.lower_m[axis] && to.upper_m[axis] <= from.upper_m[axis];
  return [0, 1, 2].every(inside) ? 'tighter' : 'looser';
}

/** `scripted` lets planned motion go on at full pace, so it is no more than `slower`, nor less. */
const GRAVER: Readonly<Record<Degradation, readonly Degradation[]>> = {
  none: ['slower', 'scripted', 'hold', 'stop'],
  slower: ['hold', 'stop'],
  scripted: ['hold', 'stop'],
  hold: ['stop'],
  stop: [],
};

function reactionChange(from: Reaction, to: Reaction): Change {
  const as_grave = to.degradation === from.degradation || GRAVER[from.degradation].includes(to.degradation);
  if (!as_grave) return GRAVER[to.degradation].includes(from.degradation) ? 'looser' : 'other';
  return smaller(from.within_s, to.within_s);
}

type Separation = NonNullable<Envelope['separation']>;
type SeparationRule = (from: number, to: number) => Change;

/** Fields that are not here count as looser. */
const SEPARATION: Readonly<Partial<Record<string, SeparationRule>>> = {
  body_speed_m_per_s: greater,
  // A longer one keeps farther away and bears older tracks.
  track_delay_s: either,
  body_error_m: greater,
  robot_error_m: greater,
  intrusion_m: greater,
  contact_speed_m_per_s: smaller,
};

/** Every field of an envelope has its own comparison here: one without is a compile error. */
type Compared = Exclude<keyof typeof envelopeSchema.shape, 'measured_stop'>;
const FIELDS: Readonly<Record<Compared, (from: Envelope, to: Envelope) => FieldDifference[]>> = {
  schema: (from, to) => whole('schema', from.schema, to.schema, either),
  version: (from, to) => whole('version', from.version, to.version, either),
  robot: (from, to) => whole('robot', from.robot, to.robot, either),
  joints: jointDifferences,
  tool: ({ tool: from }, { tool: to }) => [
    ...whole('tool.frame', from.frame, to.frame, either),
    ...whole('tool.speed_m_per_s', from.speed_m_per_s, to.speed_m_per_s, limit(smaller)),
    ...whole('tool.acceleration_m_per_s2', from.acceleration_m_per_s2, to.acceleration_m_per_s2, limit(smaller)),
    ...whole('tool.reduced_speed_m_per_s', from.reduced_speed_m_per_s, to.reduced_speed_m_per_s, smaller),
  ],
  workspace: (from, to) => whole('workspace', from.workspace, to.workspace, workspaceChange),
  keep_out: keepOutDifferences,
  clearance: ({ clearance: from }, { clearance: to }) => [
    ...whole('clearance.self_m', from.self_m, to.self_m, greater),
    ...whole('clearance.obstacle_m', from.obstacle_m, to.obstacle_m, greater),
  ],
  gripper: ({ gripper: from }, { gripper: to }) => {
    // Null is a gripper that is sent nothing.
    if (from === null || to === null) return whole('gripper', from, to, () => (to === null ? 'tighter' : 'looser'));
    return [
      ...whole('gripper.max_width_m', from.max_width_m, to.max_width_m, smaller),
      ...whole('gripper.max_force_N', from.max_force_N, to.max_force_N, smaller),
    ];
  },
  tracking_error_rad: (from, to) =>
    whole('tracking_error_rad', from.tracking_error_rad, to.tracking_error_rad, smaller),
  stale_s: (from, to) => whole('stale_s', from.stale_s, to.stale_s, smaller),
  lease_s: (from, to) => whole('lease_s', from.lease_s, to.lease_s, smaller),
  late_s: (from, to) => whole('late_s', from.late_s, to.late_s, smaller),
  separation: ({ separation: from }, { separation: to }) => separationDifferences(from, to),
  // With a table the arm may touch a body in motion; what another table allows is a judgement of people.
  contact_limits: ({ contact_limits: from }, { contact_limits: to }) =>
    whole('contact_limits', from, to, () => (to === undefined ? 'tighter' : from === undefined ? 'looser' : 'other')),
  reactions: reactionDifferences,
};

/**
 * Field by field, whether a new envelope allows less or more than another. What nothing is known of counts as looser. How
 * long stops were measured to take binds nothing, and is left out.
 */
export function envelopeDifference(from: Envelope, to: Envelope): Difference {
  const known = Object.values(FIELDS).flatMap((compare) => compare(from, to));
  return differenceOf(known);
}

/** The part of an envelope that is approved: without what only tells of stops as they were measured. */
export function envelopeDocument({ measured_stop: _measured, ...limits }: Envelope): SubjectDocument {
  return documentOf(limits);
}

function whole<T>(field: string, from: T, to: T, rule: (from: T, to: T) => Change): FieldDifference[] {
  if (equal(from, to)) return [];
  return [{ field, from: from ?? null, to: to ?? null, change: rule(from, to) }];
}

function equal(a: unknown, b: unknown): boolean {
  return documentHash({ of: a ?? null }) === documentHash({ of: b ?? null });
}

function jointDifferences({ joints: from }: Envelope, { joints: to }: Envelope): FieldDifference[] {
  const names = (joints: readonly Joint[]) => joints.map(({ name }) => name);
  if (!equal(names(from), names(to))) return [{ field: 'joints', from: names(from), to: names(to), change: 'other' }];
  const keys = Object.keys(JOINT) as (keyof Joint)[];
  return from.flatMap((joint, i) =>
    keys.flatMap((key) => whole(`joints.${joint.name}.${key}`, joint[key], to[i][key], () => JOINT[key](joint, to[i]))),
  );
}

function keepOutDifferences({ keep_out: from }: Envelope, { keep_out: to }: Envelope): FieldDifference[] {
  const ids = (volumes: readonly Obstacle[]) => new Set(volumes.map(({ id }) => id));
  if (ids(from).size < from.length || ids(to).size < to.length) return whole('keep_out', from, to, either);
  const all = new Set([...ids(from), ...ids(to)]);
  return [...all].flatMap((id) => {
    const [old, now] = [from, to].map((volumes) => volumes.find((volume) => volume.id === id) ?? null);
    return whole(`keep_out.${id}`, old, now, volumeChange);
  });
}

function separationDifferences(from: Separation | undefined, to: Separation | undefined): FieldDifference[] {
  // With it an arm may touch a body slowly, without it no body at all, but none is watched either.
  if (from === undefined || to === undefined)
    return whole('separation', from ?? null, to ?? null, () => (to === undefined ? 'looser' : 'other'));
  const values = (section: Separation): Readonly<Record<string, unknown>> => ({ ...section });
  const [old, now] = [values(from), values(to)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((key) => {
    const rule = SEPARATION[key];
    const compare = (a: unknown, b: unknown): Change =>
      rule !== undefined && typeof a === 'number' && typeof b === 'number' ? rule(a, b) : 'other';
    return whole(`separation.${key}`, old[key], now[key], compare);
  });
}

function reactionDifferences({ reactions: from }: Envelope, { reactions: to }: Envelope): FieldDifference[] {
  const of = (section: Envelope['reactions'], fault: Fault): Reaction => section?.[fault] ?? DEFAULT_REACTIONS[fault];
  return FAULTS.flatMap((fault) => whole(`reactions.${fault}`, of(from, fault), of(to, fault), reactionChange));
}
