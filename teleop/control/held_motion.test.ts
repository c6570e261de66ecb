import { describe, expect, it } from 'vitest';
import { createRng, type OperatorJog } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { envelopeForRobot, REDUCED_TOOL_SPEED_M_PER_S } from '../../safety/index.ts';
import type { CommandOf } from '../protocol/index.ts';
import type { HeldLease } from './control_lease.ts';
import { HeldMotion } from './held_motion.ts';
import { jogLimits } from './jog_limits.ts';

const robot = loadRobot('panda');
const limits = jogLimits(envelopeForRobot(robot));
const names = robot.model.joint_names.slice(0, robot.arm_joints);
const lease = (epoch: number): HeldLease => {
  return { id: `panda/${epoch}`, epoch, operator: { session: 's-ada', tab: 'tab-ada-1', user: 'ada' }, scope: 'panda' };
};
const numbers = { epoch: 1, tick: 1, sequence: 1 };

function rig(speed = 1) {
  const sent: OperatorJog[] = [];
  const asked: string[] = [];
  const held = new HeldMotion({
    limits,
    joint_names: names,
    frames: { base: '', tool: 'panda_hand_tcp', camera: 'wrist_camera_optical_frame' },
    robot_ns: () => 7n,
    speed: () => speed,
    send: (jog) => sent.push(jog),
    arm: () => asked.push('arm'),
    disarm: () => asked.push('disarm'),
  });
  const jog = (fields: Partial<CommandOf<'jog'>> = {}): CommandOf<'jog'> => {
    return { type: 'jog', ...numbers, frame: 'base', linear: [1, 0, 0], angular: [0, 0, 0], ...fields };
  };
  return { held, sent, asked, jog };
}

/** With the first message taken and reduced mode there. */
function armed(speed = 1) {
  const parts = rig(speed);
  parts.held.hold(parts.jog(), lease(1), 5n, 0);
  parts.held.armed();
  return parts;
}

describe('a held control', () => {
  it('never asks for more than the reduced speeds, in no direction, by twist or by joints', () => {
    const rng = createRng(4, 'shares');
    for (let k = 0; k < 500; k++) {
      const share = () => (rng.int(3) === 0 ? Math.sign(rng.range(-1, 1)) : rng.range(-1, 1));
      const speed = rng.range(0.05, 1);
      const { held, sent, jog } = armed(speed);
      const three = (): readonly [number, number, number] => [share(), share(), share()];
      const [linear, angular] = [three(), three()];
      held.hold(jog({ linear, angular }), lease(1), 5n, 30);
      const velocity = names.map(share);
      held.hold({ type: 'jog_joints', ...numbers, velocity }, lease(1), 5n, 60);
      const [twist, joints] = sent;
      expect(Math.hypot(...twist.linear)).toBeLessThanOrEqual(speed * REDUCED_TOOL_SPEED_M_PER_S * (1 + 1e-12));
      expect(Math.hypot(...twist.angular)).toBeLessThanOrEqual(speed * limits.angular_rad_s * (1 + 1e-12));
      for (const axis of [0, 1, 2]) expect(Math.sign(twist.linear[axis])).toBe(Math.sign(linear[axis]));
      for (const [i, v] of joints.joint_velocity.entries())
        expect(v).toBeCloseTo(velocity[i] * speed * limits.joint_rad_s[i], 12);
    }
    expect(limits.linear_m_s).toBe(REDUCED_TOOL_SPEED_M_PER_S);
  });

  it('names the frame, the epoch and what the page had seen', () => {
    const { held, sent, jog } = armed();
    for (const frame of ['base', 'tool', 'camera'] as const) held.hold(jog({ frame }), lease(1), 42n, 30);
    expect(sent.map(({ frame_id }) => frame_id)).toEqual(['', 'panda_hand_tcp', 'wrist_camera_optical_frame']);
    expect(sent[0]).toMatchObject({ epoch: 1, session: 's-ada', seen_ns: 42n, stamp_ns: 7n, kind: 'twist' });
    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('leaves joints alone that the page does not name', () => {
    const { held, sent } = armed();
    held.hold({ type: 'jog_joints', ...numbers, velocity: [0, 1] }, lease(1), 5n, 30);
    expect([...sent[0].joint_velocity]).toEqual([0, limits.joint_rad_s[1], 0, 0, 0, 0, 0]);
    expect(sent[0].joint_names).toEqual(names);
  });

  it('moves nothing by the passing of time', () => {
    const { held, sent, jog } = armed();
    held.hold(jog(), lease(1), 5n, 30);
    for (let t = 30; t < 10_000; t += 10) held.step(t, true);
    expect(sent.filter(({ kind }) => kind !== 'release')).toHaveLength(1);
  });

  it('is let go once, and not again before it was held again', () => {
    const { held, sent, asked, jog } = armed();
    held.hold(jog(), lease(1), 5n, 30);
    held.release('blur', 40);
    held.release('blur', 50);
    held.halt('stopped', 60);
    expect(sent.map(({ kind }) => kind)).toEqual(['twist', 'release']);
    expect(held.cause).toBe('blur');
    held.step(70, false);
    expect(asked).toEqual(['arm']);
    held.step(80, true);
    expect(asked).toEqual(['arm', 'disarm']);
    expect(held.state).toBe('idle');
  });

  it('may be held again while the arm comes to rest, without waiting for its mode', () => {
    const { held, sent, asked, jog } = armed();
    held.release('released', 40);
    held.hold(jog(), lease(1), 5n, 60);
    expect(sent.at(-1)?.kind).toBe('twist');
    expect(asked).toEqual(['arm']);
  });

  it('is given up when reduced mode does not come', () => {
    const { held, sent, jog } = rig();
    for (let t = 0; t <= 1100; t += 30) {
      held.hold(jog(), lease(1), 5n, t);
      held.step(t, true);
    }
    expect(sent.every(({ kind }) => kind === 'release')).toBe(true);
    expect(held.hold(jog(), lease(1), 5n, 1130)).toBe(false);
  });

  it('starts afresh with a new grant', () => {
    const { held, sent, jog } = armed();
    held.halt('lease_lost', 40);
    held.step(50, true);
    expect(held.hold(jog(), lease(1), 5n, 60)).toBe(false);
    expect(held.hold(jog(), lease(2), 5n, 90)).toBe(true);
    held.armed();
    held.hold(jog(), lease(2), 5n, 120);
    expect(sent.at(-1)).toMatchObject({ epoch: 2, sequence: 1 });
  });
});
