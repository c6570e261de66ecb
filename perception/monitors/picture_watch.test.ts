import { describe, expect, it } from 'vitest';
import type { Detection, Detections } from '../../contracts/index.ts';
import type { RgbdFrame } from '../detector.ts';
import { PictureMonitor } from './picture_monitor.ts';
import { PictureWatch } from './picture_watch.ts';

const [width, height] = [80, 60];
const header = { stamp_ns: 0n, frame_id: 'c', width, height };
/** Looks straight down from 0.7 m. */
const T = [1, 0, 0, 0.5, 0, -1, 0, 0, 0, 0, -1, 0.7, 0, 0, 0, 1];
const info = { ...header, name: 'overview', K: [80, 0, 40, 0, 80, 30, 0, 0, 1], D: [0, 0, 0, 0, 0] };

function frame(k: number, level: number): RgbdFrame {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => level + ((i * 7919 + k * 104729) % 5));
  const depth = Float32Array.from({ length: width * height }, (_, i) => 0.7 + (((i + 13 * k) * 31) % 3) / 1000);
  return {
    request_id: `overview/${k}`,
    colour: { ...header, data },
    depth: { ...header, data: depth },
    info: { ...info, distortion_model: 'plumb_bob', T_world_camera_optical: T },
  };
}

const detection: Detection = {
  ...{ id: 0, class: 'box', colour: 'red', score: 0.9, shape: { type: 'box', size: [0.12, 0.12, 0.05] } },
  pose: { position: [0.5, 0, 0.025], orientation: [0, 0, 0, 1] },
  ...{ covariance: new Array<number>(36).fill(0), image_box: [33, 23, 14, 14], pixels: 196 },
};
const seen: Detections = {
  ...{ stamp_ns: 0n, frame_id: 'world', request_id: '', source: 'onnx', model: 'm', degraded_reason: '' },
  detections: [detection],
};
const LIMITS = { dark_high: { middle: 0, limit: 0.2 }, age_s_high: { middle: 0, limit: 0.3 } };

describe('what follows from a faulty picture', () => {
  it('says that nothing is wrong with a sound one, and leaves its detections', () => {
    const watch = new PictureWatch(new PictureMonitor(LIMITS));
    expect(watch.judge(frame(0, 120), seen, [], 0n)).toEqual({ ...seen, faults: [] });
  });

  it('accepts nothing, says why, and asks for a person when looking again does not help', () => {
    const watch = new PictureWatch(new PictureMonitor(LIMITS));
    const verdicts = Array.from({ length: 12 }, (_, k) => {
      const judged = watch.judge(frame(k, 4), seen, [], 0n);
      expect(judged).toMatchObject({ faults: ['covered'], degraded_reason: 'the picture is covered' });
      expect(judged.detections[0].confidence?.reason).toMatch(/covered \(dark 1\.00, at most 0\.200\)/);
      return judged.detections[0].confidence?.verdict;
    });
    expect(verdicts).toEqual([...new Array(10).fill('look_again'), 'escalate', 'escalate']);
    expect(watch.diagnostics()).toMatchObject({ pictures_judged: 12, pictures_covered: 12 });
    watch.judge(frame(20, 120), seen, [], 0n);
    expect(watch.judge(frame(21, 4), seen, [], 0n).detections[0].confidence?.verdict).toBe('look_again');
  });

  it('keeps a graver verdict and a reason of the detector', () => {
    const watch = new PictureWatch(new PictureMonitor(LIMITS));
    const confidence = { visible: 0.8, possible: ['box'], verdict: 'escalate', reason: 'two classes' } as const;
    const asked = { ...seen, degraded_reason: 'no network', detections: [{ ...detection, confidence }] };
    const judged = watch.judge(frame(0, 4), asked, [], 0n);
    expect(judged.degraded_reason).toBe('no network');
    expect(judged.detections[0].confidence).toEqual(confidence);
  });

  it('goes by the age at the moment of looking, and by another limit where one is given', () => {
    const late_ns = 400_000_000n;
    expect(new PictureWatch(new PictureMonitor(LIMITS)).judge(frame(0, 120), seen, [], late_ns).faults).toEqual([
      'delayed',
    ]);
    const patient = new PictureMonitor(LIMITS, { oldest_s: 0.5 });
    expect(new PictureWatch(patient).judge(frame(0, 120), seen, [], late_ns).faults).toEqual([]);
  });

  it('doubts only the detection that no class explains', () => {
    const limits = { surface_high: { middle: 0, limit: 0.002 } };
    const watch = new PictureWatch(new PictureMonitor(limits));
    // The bare table under what is said to be a box of 5 cm.
    const mask = Int32Array.from({ length: 196 }, (_, k) => (23 + Math.floor(k / 14)) * width + 33 + (k % 14));
    const judged = watch.judge(
      frame(0, 120),
      { ...seen, detections: [detection, detection] },
      [mask, new Int32Array(0)],
      0n,
    );
    expect(judged).toMatchObject({ faults: ['unfamiliar'], degraded_reason: '' });
    expect(judged.detections[0].confidence).toMatchObject({ verdict: 'look_again', possible: ['box', 'unknown'] });
    expect(judged.detections[1].confidence).toBeUndefined();
  });

  it('says that there is something it does not know, and leaves what it knows', () => {
    const watch = new PictureWatch(new PictureMonitor({ unclaimed_high: { middle: 0, limit: 0.0005 } }));
    const sound = frame(0, 120);
    const data = sound.depth.data.map((z, i) =>
      Math.abs((i % width) - 20) < 4 && i / width > 20 && i / width < 28 ? z - 0.05 : z,
    );
    const judged = watch.judge({ ...sound, depth: { ...header, data } }, { ...seen, detections: [] }, [], 0n);
    expect(judged).toMatchObject({ faults: ['unfamiliar'], degraded_reason: '', detections: [] });
    const mask = Int32Array.from({ length: 9 }, (_, k) => (40 + Math.floor(k / 3)) * width + 60 + (k % 3));
    const beside = watch.judge({ ...sound, depth: { ...header, data } }, seen, [mask], 0n);
    expect(beside.faults).toEqual(['unfamiliar']);
    expect(beside.detections).toEqual(seen.detections);
  });

  it('knows a repeated picture though the one before was never looked at', () => {
    const limits = { repeat_colour_high: { middle: 0, limit: 0.9 } };
    const watch = new PictureWatch(new PictureMonitor(limits));
    watch.arrive(frame(0, 120));
    const again = { ...frame(0, 120), request_id: 'overview/1' };
    watch.arrive(again);
    expect(watch.judge(again, seen, [], 0n).faults).toEqual(['frozen']);
    watch.reset();
    expect(watch.judge(again, seen, [], 0n).faults).toEqual([]);
  });
});
