import { describe, expect, it } from 'vitest';
import { type BodyTrack, type BodyTracks, createRng } from '../../contracts/index.ts';
import { BodiesLostMonitor, BodyPlausibilityMonitor } from './body_monitor.ts';

const LIMITS = { frame: 'base', silence_s: 0.25, speed_m_per_s: 1.6, error_m: 0.05 };
const body = (x: number, change: Partial<BodyTrack> = {}): BodyTrack => ({
  ...{ id: 1, kind: 'person', radius_m: 0.3, length_m: 1.2, velocity_m_per_s: [0, 0, 0], position_error_m: 0.02 },
  pose: { position: [x, 0, 1], orientation: [0, 0, 0, 1] },
  ...change,
});
const tracks = (t_s: number, bodies: readonly BodyTrack[], frame_id = 'base', source = 'lidar'): BodyTracks => ({
  ...{ stamp_ns: BigInt(Math.round(1e9 * t_s)), frame_id, source, bodies },
});

describe('the monitor of lost bodies', () => {
  it('finds a source that falls silent after it was heard, whatever others say', () => {
    const monitor = new BodiesLostMonitor(LIMITS);
    expect(monitor.look(1)).toBeNull();
    monitor.hear(tracks(1, []), 1);
    for (let t_s = 1; t_s < 1.2; t_s += 0.05) monitor.hear(tracks(t_s, [], 'base', 'camera'), t_s);
    expect(monitor.look(1.25)).toBeNull();
    expect(monitor.look(1.26)?.detail).toBe('no tracks of lidar for over 250 ms');
  });
});

describe('the monitor of implausible bodies', () => {
  it('finds nothing in bodies within their bounds, errors of both tracks included', () => {
    for (let seed = 0; seed < 100; seed++) {
      const rng = createRng(seed, 'body');
      const monitor = new BodyPlausibilityMonitor(LIMITS);
      let x = 2;
      for (let k = 0; k < 100; k++) {
        x += rng.range(-1, 1) * 1.6 * 0.05;
        monitor.hear(tracks(0.05 * k, [body(x + rng.range(-0.07, 0.07))]), 0.05 * k);
        expect(monitor.look(0.05 * k), `seed ${seed}, ${k}`).toBeNull();
      }
    }
  });

  it.each<[string, BodyTracks, RegExp]>([
    [
      'a body that is elsewhere at once',
      tracks(1.05, [body(2.4)]),
      /lidar: body 1 moved by 0.40 m within 50 ms, at most 0.22/,
    ],
    [
      'one that is too fast',
      tracks(1.05, [body(2, { velocity_m_per_s: [0, 1.7, 0] })]),
      /body 1 at 1.70 m\/s, at most 1.6/,
    ],
    ['another frame', tracks(1.05, [body(2)], 'camera'), /frame camera, base is the arm's/],
    ['one body twice', tracks(1.05, [body(2), body(2.1)]), /tells one body twice/],
    ['no number', tracks(1.05, [body(Number.NaN)]), /body 1 is no number/],
  ])('finds %s', (_, message, says) => {
    const monitor = new BodyPlausibilityMonitor(LIMITS);
    monitor.hear(tracks(1, [body(2)]), 1);
    monitor.hear(message, 1.05);
    expect(monitor.look(1.06)?.detail).toMatch(says);
  });
});
