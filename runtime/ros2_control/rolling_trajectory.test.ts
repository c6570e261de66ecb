import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { StandInTrajectoryController } from '../../test/support/stand_in_trajectory.ts';
import { COMMAND, commandValues } from '../arm_protocol.ts';
import { CommandTrack } from './command_track.ts';
import { rollingTrajectory } from './rolling_trajectory.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const N = robot.arm_joints;
const NAMES = robot.model.joint_names.slice(0, N);
const HZ = 500;
const HISTORY = 48;
const ROLLING = { delay_s: 0.04, past_s: 0.04, knot_cycles: 5, stop_knot_cycles: 5 };
const ACCELERATION = 8;
const JERK = 4000;

/** Commanded positions of a motion with jerk within its limit: sums of a random bang-bang jerk. */
function motion(seed: number, cycles: number): Float64Array[] {
  const rng = createRng(seed, 'motion');
  const rows: Float64Array[] = Array.from({ length: cycles }, () => new Float64Array(N));
  for (let i = 0; i < N; i++) {
    let [p, v, a] = [0, 0, 0];
    let jerk = 0;
    for (let k = 0; k < cycles; k++) {
      if (k % 25 === 0) jerk = rng.range(-JERK, JERK);
      a = Math.min(Math.max(a + jerk / HZ, -ACCELERATION), ACCELERATION);
      if (Math.abs(v) > 1.5 && a * v > 0) a = 0;
      v += k < 20 ? 0 : a / HZ;
      p += v / HZ;
      rows[k][i] = p;
    }
  }
  return rows;
}

function recordOf(rows: readonly Float64Array[], k: number): Float64Array {
  const record = new Float64Array(commandValues(N, HISTORY));
  record[COMMAND.sequence] = k + 1;
  const row = (j: number) => rows[Math.max(j, 0)];
  for (let i = 0; i < N; i++) {
    const v = (row(k)[i] - row(k - 1)[i]) * HZ;
    record[COMMAND.joints + i] = row(k)[i];
    record[COMMAND.joints + N + i] = v;
    record[COMMAND.joints + 2 * N + i] = v * HZ - (row(k - 1)[i] - row(k - 2)[i]) * HZ * HZ;
    record[COMMAND.joints + 3 * N + i] = ACCELERATION * 1.001;
    record[COMMAND.joints + 4 * N + i] = JERK;
    for (let j = 0; j < HISTORY; j++) record[COMMAND.joints + (5 + j) * N + i] = row(k - j)[i];
  }
  return record;
}

const controller = () =>
  new StandInTrajectoryController(
    { joint_names: NAMES, open_loop: false, allow_nonzero_end_velocity: false, origin_ns: 0n },
    new Float64Array(N),
  );

describe('a rolling trajectory', () => {
  it('lets a controller carry out every command a delay later, whatever the bus does to messages', () => {
    for (let seed = 0; seed < 8; seed++) {
      const rows = motion(seed, 600);
      const rng = createRng(seed, 'bus');
      const track = new CommandTrack(N, HZ, 192, 0.3);
      const arm = controller();
      track.begin(recordOf(rows, 0), 1, rows[0]);
      const on_way: { due_s: number; send: () => void }[] = [];
      let newest = 0;
      let worst = 0;
      let worst_a = 0;
      const before = [new Float64Array(N), new Float64Array(N)];
      for (let ms = 1; ms < 1000; ms++) {
        const now_s = 1 + ms / 1000;
        if (ms % 10 === 0) {
          newest = Math.floor(ms / 2);
          expect(track.extend(recordOf(rows, newest), now_s)).toBe('taken');
          const message = rollingTrajectory(track, NAMES, now_s, 0n, ROLLING);
          const due_s = Math.max(now_s + rng.range(0, 0.025), on_way.at(-1)?.due_s ?? 0);
          on_way.push({ due_s, send: () => arm.receive(message, due_s) });
        }
        while (on_way.length > 0 && on_way[0].due_s <= now_s) on_way.shift()?.send();
        arm.update(now_s, arm.position, arm.velocity);
        if (ms < 100) continue;
        const at = track.sequenceAt(now_s - ROLLING.delay_s) - 1;
        const k = Math.floor(at);
        for (let i = 0; i < N; i++) {
          const wanted = rows[k][i] + (at - k) * (rows[k + 1][i] - rows[k][i]);
          worst = Math.max(worst, Math.abs(arm.position[i] - wanted));
          const a = (arm.position[i] - 2 * before[1][i] + before[0][i]) * 1e6;
          if (ms > 102) worst_a = Math.max(worst_a, Math.abs(a));
        }
        before[0].set(before[1]);
        before[1].set(arm.position);
      }
      expect(arm.refused, arm.refusal).toBe(0);
      expect(worst, `seed ${seed}`).toBeLessThan(5e-5);
      expect(worst_a, `seed ${seed}`).toBeLessThan(1.6 * ACCELERATION);
    }
  });

  it('ends in the stop from the newest command, at rest, when nothing more comes', () => {
    for (let seed = 0; seed < 8; seed++) {
      const rows = motion(seed, 400);
      const track = new CommandTrack(N, HZ, 192, 0.3);
      const arm = controller();
      track.begin(recordOf(rows, 0), 1, rows[0]);
      for (let k = 5; k < 300; k += 5) {
        track.extend(recordOf(rows, k), 1 + k / HZ);
        arm.receive(rollingTrajectory(track, NAMES, 1 + k / HZ, 0n, ROLLING), 1 + k / HZ);
        arm.update(1 + k / HZ, arm.position, arm.velocity);
      }
      const died_s = 1 + 295 / HZ;
      let from = arm.position.slice();
      const speed = arm.velocity.slice();
      for (let ms = 1; ms < 1200; ms++) {
        arm.update(died_s + ms / 1000, arm.position, arm.velocity);
        let a = 0;
        for (let i = 0; i < N; i++) {
          const v = (arm.position[i] - from[i]) * 1000;
          a = Math.max(a, Math.abs(v - speed[i]) * 1000);
          speed[i] = v;
        }
        expect(a, `seed ${seed}, ${ms} ms`).toBeLessThan(1.6 * ACCELERATION);
        from = arm.position.slice();
      }
      expect(Math.max(...arm.velocity.map(Math.abs))).toBe(0);
      const end = track.sequence + track.tail_cycles;
      for (let i = 0; i < N; i++) expect(arm.position[i]).toBeCloseTo(track.positionOf(end, i), 12);
    }
  });

  it('is short while the arm stands, and never over when it comes', () => {
    const rows = motion(1, 10).map(() => new Float64Array(N));
    const track = new CommandTrack(N, HZ, 192, 0.3);
    track.begin(recordOf(rows, 0), 1, rows[0]);
    const message = rollingTrajectory(track, NAMES, 1, 0n, ROLLING);
    expect(message.time_s.length).toBe(2);
    expect(message.time_s[1]).toBeGreaterThan(0.4);
    const arm = controller();
    arm.receive(message, 1.3);
    expect(arm.refusal).toBe('');
  });
});
