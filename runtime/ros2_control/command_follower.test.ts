import { beforeEach, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { COMMAND, commandValues } from '../arm_protocol.ts';
import { CommandFollower } from './command_follower.ts';
import { CommandTrack } from './command_track.ts';
import { HardwareState } from './hardware_state.ts';
import { COMMAND_HISTORY } from './options.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const N = robot.arm_joints;
const NAMES = robot.model.joint_names;
const H_S = 0.002;

describe('which commands an arm behind a controller takes', () => {
  let follower: CommandFollower;
  let hardware: HardwareState;
  let track: CommandTrack;
  let obstacle = '';
  let brakes: string[] = [];
  let held: Float64Array | null = null;
  const home = robot.home_q.slice(0, N);

  const see = (q: ArrayLike<number>, v: number, t_s: number) => {
    const position = robot.home_q.slice();
    for (let i = 0; i < N; i++) position[i] = q[i];
    const zeros = new Float64Array(NAMES.length);
    const stamp_ns = BigInt(Math.round(1e9 * t_s));
    hardware.take({ stamp_ns, names: NAMES, position, velocity: zeros.map(() => v), effort: zeros }, t_s, 0n);
  };
  /** A record at rest at `q`, of a command that has always been the same. */
  const record = (sequence: number, q: ArrayLike<number> = home, session = 7) => {
    const values = new Float64Array(commandValues(N, COMMAND_HISTORY));
    values[COMMAND.session] = session;
    values[COMMAND.sequence] = sequence;
    values[COMMAND.drives_on] = 1;
    for (let i = 0; i < N; i++) {
      values[COMMAND.joints + i] = q[i];
      values[COMMAND.joints + 3 * N + i] = 10;
      values[COMMAND.joints + 4 * N + i] = 5000;
      for (let k = 0; k < COMMAND_HISTORY; k++) values[COMMAND.joints + (5 + k) * N + i] = q[i];
    }
    return values;
  };

  beforeEach(() => {
    obstacle = '';
    held = null;
    brakes = [];
    hardware = new HardwareState(robot);
    track = new CommandTrack(N, 500, 192, 0.3);
    follower = new CommandFollower({
      robot,
      track,
      hardware,
      start_tolerance_rad: 0.02,
      state_timeout_s: 0.1,
      obstacle: () => obstacle,
      reference: () => held,
      onBrake: (why) => void brakes.push(why),
    });
    see(home, 0, 1);
  });

  it('are those that begin at rest where the arm and its controller stand', () => {
    const away = home.slice();
    away[2] += 0.03;
    expect(follower.receive(record(1, away), 1)).toBe(false);
    expect(follower.refusal).toMatch(/panda_joint3: the arm stands -0.0300 rad from the command, at most 0.02/);
    held = home.slice();
    held[5] -= 0.05;
    expect(follower.receive(record(2), 1)).toBe(false);
    expect(follower.refusal).toMatch(/panda_joint6: the controller holds -0.0500 rad from the command, at most 0.04/);
    held = null;
    const moving = record(3);
    moving[COMMAND.joints + N] = 0.01;
    expect(follower.receive(moving, 1)).toBe(false);
    expect(follower.refusal).toMatch(/first command moves/);
    obstacle = 'no controller listens';
    expect(follower.receive(record(4), 1)).toBe(false);
    expect(follower.refusal).toBe(obstacle);
    obstacle = '';
    expect(follower.receive(record(5), 1)).toBe(true);
    expect(follower).toMatchObject({ phase: 'following', session: 7, sequence: 5, refused: 4, refusal: '' });
  });

  it('are finite, within the limits of the robot, and new', () => {
    follower.receive(record(1), 1);
    for (const at of [COMMAND.joints, COMMAND.joints + 4 * N, COMMAND.stop_time_s]) {
      const broken = record(2);
      broken[at] = Number.NaN;
      expect(follower.receive(broken, 1)).toBe(false);
      expect(follower.refusal).toMatch(/NaN/);
    }
    const far = record(3);
    far[COMMAND.joints + 1] = 3;
    expect(follower.receive(far, 1)).toBe(false);
    expect(follower.refusal).toMatch(/panda_joint2: command 3 rad, limits/);
    const { refused } = follower;
    expect(follower.receive(record(1), 1)).toBe(false);
    expect(follower.refused).toBe(refused);
    expect(follower.phase).toBe('following');
  });

  it('come from one controller at a time, and never again from one that was replaced', () => {
    follower.receive(record(1), 1);
    expect(follower.receive(record(1, home, 8), 1)).toBe(false);
    expect(follower.refusal).toMatch(/another controller commands an arm that is following/);
    follower.watch(1.1);
    see(home, 0, 1.1);
    follower.watch(1.11);
    expect(follower.phase).toBe('holding');
    expect(follower.receive(record(1, home, 8), 1.11)).toBe(true);
    expect(follower.receive(record(2), 1.11)).toBe(false);
    expect(follower.refusal).toMatch(/replaced/);
  });

  it('feed its watchdog, without which it brakes until it stands', () => {
    follower.receive(record(1), 1);
    follower.watch(1.03);
    expect(follower.phase).toBe('following');
    follower.rest_s = 1.2;
    follower.watch(1.045);
    expect(follower.phase).toBe('braking');
    expect(brakes).toEqual(['commands stopped coming']);
    expect(follower.receive(record(2), 1.05)).toBe(false);
    expect(follower.refusal).toMatch(/braking/);
    see(home, 0.2, 1.25);
    follower.watch(1.25);
    expect(follower.phase).toBe('braking');
    see(home, 0, 1.3);
    follower.watch(1.31);
    expect(follower.phase).toBe('holding');
    follower.watch(1.32);
    expect(follower.receive(record(3), 1.32)).toBe(true);
  });

  it('brakes when the drives are switched off, and for what keeps commands from being carried out', () => {
    follower.receive(record(1), 1);
    const off = record(2);
    off[COMMAND.drives_on] = 0;
    follower.receive(off, 1.002);
    expect(follower.phase).toBe('braking');
    expect(follower.sequence).toBe(2);
    expect(brakes).toEqual(['the drives were switched off']);
    see(home, 0, 1.1);
    follower.watch(1.11);
    follower.receive(record(3), 1.11);
    obstacle = 'the controller is not active';
    follower.watch(1.12);
    expect(brakes.at(-1)).toBe(obstacle);
  });

  it('goes on from where a reset put the reference, if the arm is there', () => {
    follower.receive(record(1), 1);
    const moved = home.map((p) => p + 0.015);
    expect(follower.receive(record(2, moved), 1.002)).toBe(true);
    expect(track.begun).toBe(2);
    const far = home.map((p) => p + 0.06);
    expect(follower.receive(record(3, far), 1.004)).toBe(false);
    expect(follower.phase).toBe('holding');
  });

  it('never begins but at rest near the arm, whatever it is sent', () => {
    const rng = createRng(9, 'hostile');
    let taken = 0;
    for (let k = 1; k < 20_000; k++) {
      const t_s = 1 + k * H_S;
      const before = follower.phase;
      see(home, rng.uniform() < 0.1 ? 0.3 : 0, t_s);
      const values = record(
        rng.int(3) === 0 ? rng.int(1000) : k,
        home.map((p) => p + rng.range(-0.03, 0.03) * rng.int(2)),
        1 + rng.int(50),
      );
      if (rng.uniform() < 0.2) values[rng.int(values.length)] = rng.range(-5, 5);
      follower.receive(values, t_s);
      if (rng.uniform() < 0.3) follower.watch(t_s);
      if (before !== 'holding' || follower.phase !== 'following') continue;
      taken++;
      for (let i = 0; i < N; i++) {
        expect(Math.abs(values[COMMAND.joints + i] - home[i]), `record ${k}`).toBeLessThanOrEqual(0.02);
        expect(values[COMMAND.joints + N + i], `record ${k}`).toBe(0);
      }
    }
    expect(taken).toBeGreaterThan(50);
  });
});
