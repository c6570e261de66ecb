import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { ATTACKS } from '../../test/support/attacks.ts';
import { MADE_UP_TABLE } from '../../test/support/contact_table.ts';
import { GateRig } from '../../test/support/gate_rig.ts';
import { plainArm } from '../../test/support/plain_arm.ts';
import { randomEnvelope } from '../../test/support/random_envelope.ts';
import { type Envelope, envelopeForRobot, parseEnvelope } from '../envelope.ts';
import { DEFAULT_REACTIONS } from '../monitors/reactions.ts';
import { OutputMonitor } from '../stream/output_monitor.ts';
import { envelopeDifference } from './envelope_difference.ts';
import { worstStop } from './worst_stop.ts';

const PANDA = envelopeForRobot(loadRobot('panda', { visualMeshes: false }));
const SEPARATION = {
  ...{ body_speed_m_per_s: 1.6, track_delay_s: 0.1, track_period_s: 0.05, body_error_m: 0.05 },
  ...{ robot_error_m: 0.01, intrusion_m: 0.1, contact_speed_m_per_s: 0.1 },
};
const BOX = {
  ...{ id: 'box', shape: { type: 'box', size: [0.2, 0.2, 0.2] } },
  ...{ pose: { position: [0.5, 0, 0.2], orientation: [0, 0, 0, 1] }, velocity_m_per_s: [0, 0, 0] },
};
const FULL = parseEnvelope({
  ...{ ...PANDA, keep_out: [BOX], separation: SEPARATION, contact_limits: MADE_UP_TABLE },
  ...{
    tool: { ...PANDA.tool, speed_m_per_s: 1, acceleration_m_per_s2: 10 },
    clearance: { self_m: 0.01, obstacle_m: 0.02 },
  },
});

type Change = (envelope: Envelope) => unknown;
const joint =
  (fields: Partial<Envelope['joints'][number]>): Change =>
  (e) => ({
    ...e,
    joints: e.joints.map((one, i) => (i === 2 ? { ...one, ...fields } : one)),
  });
const part =
  (key: keyof Envelope, fields: object): Change =>
  (e) => ({ ...e, [key]: { ...Object(e[key]), ...fields } });
const box =
  (fields: object): Change =>
  (e) => ({ ...e, keep_out: [{ ...BOX, ...fields }] });

/** Each makes an envelope tighter; the way back makes it looser. */
const TIGHTER: readonly (readonly [string, Change])[] = [
  ['position_lower_rad', joint({ position_lower_rad: -1 })],
  ['position_upper_rad', joint({ position_upper_rad: 1 })],
  ['velocity_rad_per_s', joint({ velocity_rad_per_s: 0.5 })],
  ['effort_Nm', joint({ effort_Nm: 40 })],
  ['tool.speed_m_per_s', part('tool', { speed_m_per_s: 0.5 })],
  ['tool.acceleration_m_per_s2', part('tool', { acceleration_m_per_s2: 5 })],
  ['tool.reduced_speed_m_per_s', part('tool', { reduced_speed_m_per_s: 0.1 })],
  ['workspace', part('workspace', { upper_m: [0.8, 0.7, 1.2] })],
  [
    'workspace',
    (e) => part('workspace', { lower_m: e.workspace?.lower_m.map((x, axis) => (axis === 1 ? x + 0.05 : x)) })(e),
  ],
  ['keep_out.box', box({ shape: { type: 'box', size: [0.3, 0.2, 0.2] } })],
  ['keep_out.more', (e) => ({ ...e, keep_out: [BOX, { ...BOX, id: 'more' }] })],
  ['clearance.self_m', part('clearance', { self_m: 0.02 })],
  ['clearance.obstacle_m', part('clearance', { obstacle_m: 0.05 })],
  ['gripper.max_width_m', part('gripper', { max_width_m: 0.01 })],
  ['gripper.max_force_N', part('gripper', { max_force_N: 1 })],
  ['gripper', (e) => ({ ...e, gripper: null })],
  ['tracking_error_rad', (e) => ({ ...e, tracking_error_rad: 0.05 })],
  ['stale_s', (e) => ({ ...e, stale_s: 0.01 })],
  ['lease_s', (e) => ({ ...e, lease_s: 0.03 })],
  ['late_s', (e) => ({ ...e, late_s: 0.01 })],
  ['separation.body_speed_m_per_s', part('separation', { body_speed_m_per_s: 2 })],
  ['separation.body_error_m', part('separation', { body_error_m: 0.1 })],
  ['separation.robot_error_m', part('separation', { robot_error_m: 0.1 })],
  ['separation.intrusion_m', part('separation', { intrusion_m: 0.2 })],
  ['separation.contact_speed_m_per_s', part('separation', { contact_speed_m_per_s: 0 })],
  ['contact_limits', ({ contact_limits: _table, ...others }) => others],
  ['reactions.temperature', part('reactions', { temperature: { within_s: 1, degradation: 'stop' } })],
  ['reactions.disk_full', part('reactions', { disk_full: { within_s: 1, degradation: 'hold' } })],
];
/** Nobody can say which way these go, so both ways need signatures. */
const OTHER: readonly (readonly [string, Change])[] = [
  ['effort_rate_Nm_per_s', joint({ effort_rate_Nm_per_s: 10 })],
  ['jerk_rad_per_s3', joint({ jerk_rad_per_s3: 100 })],
  ['acceleration_rad_per_s2', joint({ acceleration_rad_per_s2: 1 })],
  ['joints', joint({ name: 'another' })],
  ['joints', (e) => ({ ...e, joints: [...e.joints].reverse() })],
  ['robot', (e) => ({ ...e, robot: 'another' })],
  ['tool.frame', part('tool', { frame: 'panda_hand' })],
  ['keep_out.box', box({ pose: { ...BOX.pose, position: [0.6, 0, 0.2] } })],
  ['keep_out.box', box({ shape: { type: 'sphere', radius: 1 } })],
  ['keep_out.box', box({ shape: { type: 'box', size: [0.3, 0.1, 0.2] } })],
  ['keep_out', (e) => ({ ...e, keep_out: [BOX, BOX] })],
  ['separation.track_delay_s', part('separation', { track_delay_s: 0.2 })],
  ['separation.track_period_s', part('separation', { track_period_s: 0.2 })],
  ['contact_limits', part('contact_limits', { payload_kg: 2 })],
  ['reactions.temperature', part('reactions', { temperature: { within_s: 1, degradation: 'scripted' } })],
];

describe('a changed field', () => {
  it.each(TIGHTER)('%s: tighter, and looser on the way back', (field, change) => {
    const now = parseEnvelope(change(FULL));
    const [there, back] = [envelopeDifference(FULL, now), envelopeDifference(now, FULL)];
    expect(there).toMatchObject({ tighter: true });
    expect(back.tighter).toBe(false);
    expect(there.fields.map((one) => one.field.replace(/^joints\.[^.]*\./, ''))).toEqual([field]);
    expect(back.fields.map((one) => one.change)).toEqual(['looser']);
  });

  it.each(OTHER)('%s: neither', (field, change) => {
    const now = parseEnvelope(change(FULL));
    const { fields, tighter } = envelopeDifference(FULL, now);
    expect(tighter).toBe(false);
    expect(fields.map((one) => [one.field.replace(/^joints\.[^.]*\./, ''), one.change])).toEqual([[field, 'other']]);
    expect(envelopeDifference(now, FULL).tighter).toBe(false);
  });

  it('is none where only what was measured differs, or a default is written out', () => {
    const measured = {
      trials: 1,
      deceleration_s: { median: 0, most: 0, bound: 0 },
      standstill_s: { median: 0, most: 0 },
    };
    expect(envelopeDifference(FULL, { ...FULL, measured_stop: measured }).fields).toEqual([]);
    expect(envelopeDifference(FULL, { ...FULL, reactions: DEFAULT_REACTIONS }).fields).toEqual([]);
  });

  it('of a section that is new or gone is not tighter', () => {
    const { separation: _none, ...without } = FULL;
    expect(envelopeDifference(without, FULL).tighter).toBe(false);
    expect(envelopeDifference(FULL, without).fields).toMatchObject([{ change: 'looser' }]);
  });

  it('that nobody knows counts as looser', () => {
    const more = { ...FULL, separation: { ...SEPARATION, new_m: 1 } };
    expect(envelopeDifference(FULL, more).tighter).toBe(false);
    expect(envelopeDifference(more, FULL).tighter).toBe(false);
  });

  it('of gentler stops is tighter only where no stop gets longer', () => {
    const slow = joint({ velocity_rad_per_s: 0.1, jerk_rad_per_s3: 3000, acceleration_rad_per_s2: 6 });
    expect(envelopeDifference(FULL, parseEnvelope(slow(FULL))).tighter).toBe(true);
  });
});

describe('the worst stop', () => {
  it('bounds a stop that is stepped by its definition', () => {
    const rng = createRng(3, 'worst');
    for (let trial = 0; trial < 300; trial++) {
      const [v, a, j] = [rng.range(0.1, 3), rng.range(0.5, 15), 10 ** rng.range(1, 4)];
      const limits = { velocity_rad_per_s: v, acceleration_rad_per_s2: a, jerk_rad_per_s3: j };
      const { time_s, distance_rad } = worstStop(limits);
      const from = rng.range(0, Math.min(a, Math.sqrt(2 * j * v)));
      const stepped = steppedStop(v - (from * from) / (2 * j), from, a, j);
      expect(stepped.time_s, JSON.stringify({ ...limits, from })).toBeLessThanOrEqual(time_s + 2e-4);
      expect(stepped.distance_rad).toBeLessThanOrEqual(distance_rad + 2e-4 * v);
    }
  });
});

/** Takes the acceleration back, then brakes: full jerk until the rest of the speed goes with the way back to none. */
function steppedStop(speed: number, acceleration: number, most: number, jerk: number) {
  const h = 2e-5;
  let [v, a, x, t] = [speed, acceleration, 0, 0];
  while (v > 0 && t < 60) {
    // The speed that is lost while the deceleration ends.
    const ending = a < 0 && v <= (a * a) / (2 * jerk);
    a = ending ? Math.min(0, a + jerk * h) : Math.max(-most, a - jerk * h);
    if (ending && a === 0) break;
    v += a * h;
    x += v * h;
    t += h;
  }
  return { time_s: t, distance_rad: x };
}

/** One of the envelopes, with some limits of the other. */
function blend(rng: Rng, from: Envelope, other: Envelope): Envelope {
  const share = rng.uniform() < 0.5 ? 0 : 0.1;
  const take = () => rng.uniform() < share;
  const joints = from.joints.map((one, i) => {
    const of = other.joints[i];
    return {
      ...one,
      position_lower_rad: take() ? of.position_lower_rad : one.position_lower_rad,
      position_upper_rad: take() ? of.position_upper_rad : one.position_upper_rad,
      velocity_rad_per_s: take() ? of.velocity_rad_per_s : one.velocity_rad_per_s * rng.range(0.8, 1),
      acceleration_rad_per_s2: take() ? of.acceleration_rad_per_s2 : one.acceleration_rad_per_s2,
    };
  });
  return { ...from, joints, tool: take() ? other.tool : from.tool };
}

describe('an envelope called tighter', () => {
  it('lets a gate under attack send nothing that the other refuses', { timeout: 600_000 }, () => {
    const robot = plainArm();
    const names = Object.keys(ATTACKS);
    let tighter = 0;
    for (let round = 0; round < 60; round++) {
      const rng = createRng(round, 'tighter');
      const wide = randomEnvelope(rng, robot, 500);
      const now = blend(rng, wide, randomEnvelope(rng, robot, 500));
      if (!envelopeDifference(wide, now).tighter) continue;
      tighter++;
      const name = names[round % names.length];
      const rig = new GateRig(robot, now, 500);
      const { lastCommand } = rig.gate;
      const monitor = new OutputMonitor(wide, robot, 500, lastCommand.position, lastCommand.velocity);
      for (let k = 0; k < 150; k++) {
        rig.request.stamp_s = (rig.cycle + 1) / rig.hz + rig.late_s;
        ATTACKS[name](rng, rig, k);
        monitor.look(rig.cycleOnly(), false);
        expect(monitor.violations, `${name}, round ${round}, cycle ${k}`).toBe(0);
      }
    }
    expect(tighter).toBeGreaterThan(8);
  });
});
