import { createRng, type Rng } from '../../contracts/index.ts';
import type { EpisodeSeries, Evidence } from '../../datasets/index.ts';

const NAMES = [...[1, 2, 3, 4, 5, 6, 7].map((i) => `arm_joint${i}`), 'left_finger_joint'];
const HOLD = { from_s: 2.5, to_s: 5.5 };

/** Evidence of a plausible pick: an arm that moves smoothly and holds something in between, at its rates, with noise of sensors. */
export function plausibleEvidence(seed: number, seconds = 8): Evidence {
  const rng = createRng(seed, 'evidence');
  const swings = NAMES.map(() => ({ size: rng.range(0.15, 0.5), pace: rng.range(0.5, 1.1), phase: rng.range(0, 6) }));
  const pose = (t: number) => NAMES.map((_, i) => (i === 7 ? grip(t) : swing(swings[i], t)));
  const rate = (t: number) =>
    NAMES.map((_, i) => (i === 7 ? 0 : (swing(swings[i], t + 1e-4) - swing(swings[i], t - 1e-4)) / 2e-4));
  const times = Float64Array.from({ length: Math.round(seconds * 100) }, (_, k) => 0.008 + k / 100);
  const rows = (of: (t: number) => readonly number[]) => Float64Array.from([...times].flatMap((t) => [...of(t)]));
  const joints = {
    ...{ names: NAMES, time_s: times, logged_s: times.map((t) => t + 0.002) },
    position: rows((t) => pose(t - 0.005).map((value) => value + 1e-6 * rng.normal())),
    velocity: rows((t) => rate(t - 0.005).map((value) => value + 1e-4 * rng.normal())),
    effort: rows((t) => pose(t).map((value, i) => 20 * Math.sin(value + i) + 0.05 * rng.normal())),
  };
  const command = {
    ...joints,
    position: rows(pose),
    velocity: rows(rate),
    effort: rows((t) => pose(t).map(() => Number.NaN)),
  };
  const stages = ['perceive', 'approach', 'grasp', 'lift', 'place', 'retreat'];
  const series: EpisodeSeries = {
    ...{ start_ns: 0n, duration_s: seconds, topics: new Map(), joints, command },
    wrench: {
      frame_id: 'hand',
      time_s: times,
      values: Float64Array.from(
        [...times].flatMap((t) => [0, 1, 2, 3, 4, 5].map((i) => 5 * Math.sin(t + i) + 0.1 * rng.normal())),
      ),
    },
    pictures: ['overview', 'wrist'].map((camera) => ({
      camera,
      topic: `/${camera}/image`,
      kind: 'colour',
      ...pictureTimes(seconds),
    })),
    safety: [],
    notes: stages.map((name, k) => ({ time_s: (k * seconds) / 7, name: 'pick_place', text: `${name}, attempt 1` })),
  };
  const limits = new Map(
    NAMES.map((name, i) => [
      name,
      i === 7
        ? { lower: 0, upper: 0.04, velocity: 0.2, effort: 70, slides: true }
        : { lower: -2.9, upper: 2.9, velocity: 2.2, effort: 87, slides: false },
    ]),
  );
  const cameras = series.pictures.map(({ camera, topic }) =>
    pictures(camera, topic, seconds, pose, rng.stream(camera)),
  );
  return { series, cameras, limits, metadata: new Map(), outcome: { success: true, stage: '', reason: '' } };
}

/** Closes and opens within 0.4 s each. */
const grip = (t: number) => {
  const shut = Math.min(1, Math.max(0, Math.min(t - HOLD.from_s, HOLD.to_s - t) / 0.4));
  return 0.04 - 0.02 * shut;
};
const swing = ({ size, pace, phase }: { size: number; pace: number; phase: number }, t: number) => {
  // Still for a moment after each move, as arms are between stages.
  const eased = t - (0.9 / (2 * Math.PI)) * Math.sin(2 * Math.PI * t);
  return size * Math.sin(pace * eased + phase);
};

function pictureTimes(seconds: number) {
  const time_s = Float64Array.from({ length: Math.round(seconds * 10) - 1 }, (_, k) => 0.1 + k / 10);
  return { time_s, logged_s: time_s.map((t) => t + 0.03), bytes: time_s.map(() => 5000) };
}

function pictures(camera: string, topic: string, seconds: number, pose: (t: number) => number[], rng: Rng) {
  const { time_s, logged_s } = pictureTimes(seconds);
  const moved = (t: number) =>
    Math.hypot(
      ...pose(t)
        .slice(0, 7)
        .map((value, i) => value - pose(t - 0.1)[i]),
    );
  const noisy = (of: (t: number) => number) => time_s.map(of);
  return {
    ...{ topic, camera, time_s, logged_s },
    brightness: noisy((t) => 150 + 10 * Math.sin(t) + rng.normal()),
    black_share: noisy(() => 0.001),
    white_share: noisy(() => 0.01),
    sharpness: noisy((t) => 0.9 + 0.05 * Math.sin(3 * t) + 0.01 * rng.normal()),
    contrast: noisy(() => 8),
    motion: noisy((t) => Math.max(0, 0.5 * moved(t) * rng.range(0.7, 1.3))),
    change: noisy(() => 20 + 100 * rng.uniform()),
    same: new Uint8Array(time_s.length),
    hash: [...time_s].map((t, k) =>
      (
        (BigInt(Math.floor(t * 10)) * 0x9e3779b97f4a7c15n + BigInt(rng.int(2 ** 30)) * 7919n + BigInt(k)) &
        0xffffffffffffffffn
      )
        .toString(16)
        .padStart(16, '0'),
    ),
    broken_s: [],
  };
}
