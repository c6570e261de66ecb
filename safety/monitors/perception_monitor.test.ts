import { describe, expect, it } from 'vitest';
import type { Detection, Detections } from '../../contracts/index.ts';
import { PerceptionLostMonitor, PerceptionUncertainMonitor } from './perception_monitor.ts';

const POSE = { position: [0, 0, 0], orientation: [0, 0, 0, 1] } as const;
const detection = (score: number): Detection => ({
  ...{ id: 0, class: 'box', colour: 'red', score, pose: POSE, shape: { type: 'box', size: [0.04, 0.04, 0.04] } },
  ...{ covariance: new Array<number>(36).fill(0), image_box: [0, 0, 1, 1], pixels: 1 },
});
const seen = (scores: readonly number[], degraded_reason = '', source: Detections['source'] = 'onnx'): Detections => ({
  ...{ stamp_ns: 0n, frame_id: 'world', request_id: 'overview/1', source, model: 'm', degraded_reason },
  detections: scores.map(detection),
});

describe('the monitor of lost perception', () => {
  it('finds silence only while somebody waits, and only after perception has begun', () => {
    const monitor = new PerceptionLostMonitor({ silence_s: 0.8 });
    monitor.hearWaiting(true, 0);
    expect(monitor.look(5)).toBeNull();
    monitor.hear(5);
    expect(monitor.look(5.8)).toBeNull();
    expect(monitor.look(5.81)?.fault).toBe('perception_lost');
    monitor.hear(5.9);
    expect(monitor.look(6)).toBeNull();
    monitor.hearWaiting(false, 6);
    expect(monitor.look(60)).toBeNull();
    monitor.hearWaiting(true, 60);
    expect([monitor.look(60.5), monitor.look(60.9)?.fault]).toEqual([null, 'perception_lost']);
  });
});

describe('the monitor of unsure perception', () => {
  it('finds pictures in a row in which nothing is sure, and says why', () => {
    for (const [message, says] of [
      [seen([]), /nothing is seen/],
      [seen([0.1, 0.25]), /score of 0.25, sure from 0.3/],
      [seen([0.9], 'no network', 'classical'), /not used: no network/],
    ] as const) {
      const monitor = new PerceptionUncertainMonitor({ silence_s: 1, score: 0.3, pictures: 3 });
      for (let k = 0; k < 2; k++) monitor.hear(message);
      monitor.hear(seen([0.1, 0.31], 'the network runs on the CPU'));
      for (let k = 0; k < 2; k++) monitor.hear(message);
      expect(monitor.look()).toBeNull();
      monitor.hear(message);
      expect(monitor.look()?.detail).toMatch(says);
      monitor.forget();
      expect(monitor.look()).toBeNull();
    }
  });
});
