import type { Rng } from '../../contracts/index.ts';
import type { Evidence, JointSeries } from '../../datasets/index.ts';

/** Something that goes wrong with an episode, at strengths that rise. */
export interface Fault {
  readonly name: string;
  readonly unit: string;
  /** Names of findings that tell it. */
  readonly told_as: readonly string[];
  readonly strengths: readonly number[];
  /** From this strength on it must be found. */
  readonly found_from: number;
  apply(evidence: Evidence, strength: number, rng: Rng): Evidence;
}

type Rows = 'position' | 'velocity' | 'effort';

/** Faults of numbers and stamps, done to what was read of a good episode. */
export const FAULTS: readonly Fault[] = [
  fault('gap in joint states', 's', ['gaps'], [0.05, 0.3, 1.2], 0.3, (of, s, rng) => {
    const from = rng.range(0.5, of.series.duration_s - s - 0.5);
    return withJoints(of, (joints) => kept(joints, (t) => t < from || t > from + s));
  }),
  fault('pictures missing at random', 'share', ['gaps'], [0.01, 0.08, 0.3], 0.08, (of, s, rng) =>
    withPictureRows(of, () => rng.uniform() >= s),
  ),
  fault('jitter of stamps', 'periods', ['jitter'], [0.05, 0.3, 1], 0.3, (of, s, rng) =>
    withJoints(of, (joints) => ({ ...joints, time_s: joints.time_s.map((t) => t + 0.01 * s * rng.normal()) })),
  ),
  fault('log late', 's', ['latency'], [0.02, 0.1, 0.4], 0.1, (of, s) =>
    withJoints(of, (joints) => ({ ...joints, logged_s: joints.logged_s.map((t) => t + s) })),
  ),
  fault('log before stamp', 's', ['latency'], [0.004, 0.02, 0.2], 0.02, (of, s) =>
    withJoints(of, (joints) => ({ ...joints, logged_s: joints.time_s.map((t) => t - s) })),
  ),
  fault('clock drifts', 's an episode', ['latency'], [0.01, 0.04, 0.2], 0.04, (of, s) =>
    withJoints(of, (joints) => ({
      ...joints,
      logged_s: joints.logged_s.map((t) => t + (s * t) / of.series.duration_s),
    })),
  ),
  fault('stamps go back', 's', ['jitter'], [0.015, 0.1], 0.015, (of, s, rng) =>
    withJoints(of, (joints) => {
      const at = 10 + rng.int(joints.time_s.length - 20);
      return { ...joints, time_s: joints.time_s.map((t, k) => (k === at ? t - s : t)) };
    }),
  ),
  fault('pictures frozen', 's', ['frozen'], [0.1, 0.6, 2], 0.6, (of, s) => {
    const from = busiest(of, s);
    return withCameras(of, (camera) => {
      const inside = (k: number) => camera.time_s[k] > from && camera.time_s[k] <= from + s;
      const set = (column: Float64Array) => column.map((value, k) => (inside(k) ? 0 : value));
      return {
        ...camera,
        same: camera.same.map((v, k) => (inside(k) ? 1 : v)),
        change: set(camera.change),
        motion: set(camera.motion),
      };
    });
  }),
  fault('joint states frozen', 's', ['frozen'], [0.03, 0.5, 1.5], 0.5, (of, s) => {
    const from = busiest(of, s);
    return withJoints(of, (joints) => {
      const n = joints.names.length;
      const first = joints.time_s.findIndex((t) => t >= from);
      const hold = (rows: Float64Array) =>
        rows.map((value, i) =>
          joints.time_s[Math.floor(i / n)] > from && joints.time_s[Math.floor(i / n)] <= from + s
            ? rows[first * n + (i % n)]
            : value,
        );
      return { ...joints, position: hold(joints.position), velocity: hold(joints.velocity) };
    });
  }),
  ...[1, -1].map((sign) =>
    fault(`pictures stamped ${sign > 0 ? 'late' : 'early'}`, 's', ['camera_desync'], [0.02, 0.08, 0.2], 0.2, (of, s) =>
      withCameras(of, (camera) => ({ ...camera, time_s: camera.time_s.map((t) => t + sign * s) })),
    ),
  ),
  fault('joints behind command', 's', ['command_desync'], [0.05, 0.15, 0.35], 0.15, (of, s) =>
    withCommand(of, (command) => ({ ...command, time_s: command.time_s.map((t) => t - s) })),
  ),
  fault('joints ahead of command', 's', ['command_desync'], [0.01, 0.05, 0.2], 0.05, (of, s) =>
    withCommand(of, (command) => ({ ...command, time_s: command.time_s.map((t) => t + s) })),
  ),
  fault('position jumps', 'rad', ['jump'], [0.02, 0.08, 0.5], 0.08, (of, s, rng) => {
    const at = rng.range(0.3, 0.7) * of.series.duration_s;
    return withRows(of, 'position', (value, joint, t) => (joint === 1 && t > at ? value + s : value));
  }),
  fault('velocities scaled', 'factor', ['derivative', 'limits'], [1.15, 2, 57.3], 2, (of, s) =>
    withRows(of, 'velocity', (value) => value * s),
  ),
  fault('velocities of another joint', 'joints', ['derivative'], [1], 1, (of) =>
    withJoints(of, (joints) => {
      const n = joints.names.length;
      return { ...joints, velocity: joints.velocity.map((_, i) => joints.velocity[i - (i % n) + ((i + 1) % (n - 1))]) };
    }),
  ),
  fault('positions in degrees', 'factor', ['limits', 'jump'], [57.3], 57.3, (of, s) =>
    withRows(of, 'position', (value, joint, _t, n) => (joint < n - 1 ? value * s : value)),
  ),
  fault('efforts clipped', 'share of the peak', ['clipping'], [0.02, 0.2, 0.5], 0.2, (of, s) =>
    withJoints(of, (joints) => ({ ...joints, effort: clamped(joints.effort, joints.names.length, 1 - s) })),
  ),
  // Contacts may be shorter than a sample: of a sensor's limit nothing shows but how long a load lay at it.
  fault('wrench at its limit', 's', ['clipping'], [0.02, 0.08, 0.3], 0.08, (of, s) => {
    const { wrench } = of.series;
    return wrench === null
      ? of
      : {
          ...of,
          series: { ...of.series, wrench: { ...wrench, values: saturated(wrench.values, 6, 1 + Math.ceil(100 * s)) } },
        };
  }),
  fault('success with an empty gripper', 'm', ['outcome'], [0.001], 0.001, (of, s) => {
    const half = 0.75 * Math.max(...fingers(of));
    return withRows(of, 'position', (value, joint, _t, n) => (joint === n - 1 && value < half ? s : value));
  }),
  fault('success without closing', '', ['outcome'], [1], 1, (of) =>
    withRows(of, 'position', (value, joint, _t, n) => (joint === n - 1 ? 0.04 : value)),
  ),
  fault('success without motion', '', ['outcome'], [1], 1, (of) => {
    const n = of.series.joints?.names.length ?? 1;
    return withJoints(of, (joints) => ({ ...joints, position: joints.position.map((_, i) => joints.position[i % n]) }));
  }),
  fault('success, last words of failure', '', ['outcome'], [1], 1, (of) => ({
    ...of,
    series: {
      ...of.series,
      notes: [
        ...of.series.notes,
        { time_s: of.series.duration_s, name: 'pick_place', text: 'lift failed: the object slipped' },
      ],
    },
  })),
  fault('messages left out', 'share', ['incomplete'], [0.001, 0.2], 0.001, (of, s) => {
    const n = Math.max(1, Math.round(s * (of.series.joints?.time_s.length ?? 0)));
    return { ...of, metadata: new Map([...of.metadata, ['recording', { left_out_messages: String(n) }]]) };
  }),
];

function fault(
  name: string,
  unit: string,
  told_as: readonly string[],
  strengths: readonly number[],
  found_from: number,
  apply: Fault['apply'],
): Fault {
  return { name, unit, told_as, strengths, found_from, apply };
}

function withJoints(of: Evidence, change: (joints: JointSeries) => JointSeries): Evidence {
  const { joints } = of.series;
  return joints === null ? of : { ...of, series: { ...of.series, joints: change(joints) } };
}

function withCommand(of: Evidence, change: (joints: JointSeries) => JointSeries): Evidence {
  const { command } = of.series;
  return command === null ? of : { ...of, series: { ...of.series, command: change(command) } };
}

function withRows(
  of: Evidence,
  rows: Rows,
  change: (value: number, joint: number, time_s: number, n: number) => number,
): Evidence {
  return withJoints(of, (joints) => {
    const n = joints.names.length;
    return {
      ...joints,
      [rows]: joints[rows].map((value, i) => change(value, i % n, joints.time_s[Math.floor(i / n)], n)),
    };
  });
}

const withCameras = (
  of: Evidence,
  change: (camera: Evidence['cameras'][number]) => Evidence['cameras'][number],
): Evidence => ({ ...of, cameras: of.cameras.map(change) });

function withPictureRows(of: Evidence, keep: () => boolean): Evidence {
  const pictures = of.series.pictures.map((picture) => {
    const kept_rows = [...picture.time_s.keys()].filter((k) => k === 0 || keep());
    const only = (column: Float64Array) => Float64Array.from(kept_rows, (k) => column[k]);
    return { ...picture, time_s: only(picture.time_s), logged_s: only(picture.logged_s), bytes: only(picture.bytes) };
  });
  return { ...of, series: { ...of.series, pictures } };
}

function kept(joints: JointSeries, keep: (time_s: number) => boolean): JointSeries {
  const n = joints.names.length;
  const rows = [...joints.time_s.keys()].filter((k) => keep(joints.time_s[k]));
  const only = (column: Float64Array, width: number) =>
    Float64Array.from(rows.flatMap((k) => [...column.subarray(k * width, (k + 1) * width)]));
  return {
    names: joints.names,
    ...{ time_s: only(joints.time_s, 1), logged_s: only(joints.logged_s, 1), position: only(joints.position, n) },
    ...{ velocity: only(joints.velocity, n), effort: only(joints.effort, n) },
  };
}

/** Each column held within a share of its own largest magnitude. */
function clamped(rows: Float64Array, width: number, share: number): Float64Array {
  const peak = Array.from({ length: width }, (_, i) =>
    rows.reduce((most, value, k) => (k % width === i && Math.abs(value) > most ? Math.abs(value) : most), 0),
  );
  return rows.map((value, k) => Math.min(share * peak[k % width], Math.max(-share * peak[k % width], value)));
}

/** Each column held below the greatest level that it exceeds for so many rows on end, on either side. */
function saturated(rows: Float64Array, width: number, least: number): Float64Array {
  const held = rows.slice();
  const n = rows.length / width;
  for (let i = 0; i < width; i++) {
    for (const sign of [1, -1]) {
      let level = 0;
      for (let k = 0; k + least <= n; k++) {
        let low = Number.POSITIVE_INFINITY;
        for (let j = k; j < k + least && low > level; j++) low = Math.min(low, sign * rows[width * j + i]);
        if (low > level) level = low;
      }
      if (level === 0) continue;
      for (let k = 0; k < n; k++) if (sign * held[width * k + i] > level) held[width * k + i] = sign * level;
    }
  }
  return held;
}

function fingers({ series: { joints } }: Evidence): number[] {
  const n = joints?.names.length ?? 1;
  return [...(joints?.position ?? [])].filter((_, i) => i % n === n - 1);
}

/** When the arm goes furthest within `length_s`, s. */
function busiest({ series: { joints } }: Evidence, length_s: number): number {
  if (joints === null) return 0;
  const { time_s, velocity, names } = joints;
  const speed = time_s.map((_, k) => Math.hypot(...velocity.subarray(k * names.length, (k + 1) * names.length - 1)));
  const window = Math.max(1, Math.round(length_s * 100));
  let [best, sum, most] = [0, 0, -1];
  for (let k = 0; k < speed.length; k++) {
    sum += speed[k] - (k >= window ? speed[k - window] : 0);
    if (k >= window && sum > most) [best, most] = [k - window + 1, sum];
  }
  return time_s[best];
}
