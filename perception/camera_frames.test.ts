import { describe, expect, it } from 'vitest';
import {
  CAMERAS,
  createRng,
  type Detections,
  InProcessBus,
  InputError,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
} from '../contracts/index.ts';
import { CameraFrames, type CameraFramesOptions } from './camera_frames.ts';
import type { RgbdFrame } from './detector.ts';
import { PictureMonitor, PictureWatch } from './monitors/index.ts';

const LIMITS = { dark_high: { middle: 0, limit: 0.2 }, repeat_colour_high: { middle: 0, limit: 0.9 } };
const SIZE = { width: 64, height: 48 };

/** Counts how often it is asked. */
class CountedMonitor extends PictureMonitor {
  arrivals = 0;
  looks = 0;

  override arrive(frame: RgbdFrame): void {
    this.arrivals++;
    super.arrive(frame);
  }

  override look(frame: RgbdFrame, age_s: number) {
    this.looks++;
    return super.look(frame, age_s);
  }
}

function rig(options: Omit<CameraFramesOptions, 'watch'> = {}) {
  const bus = new InProcessBus();
  const errors: string[] = [];
  const log = { ...SILENT_LOG, error: (fields: object) => void errors.push(JSON.stringify(fields)) };
  const context = { bus, clock: new SimClock(), log };
  const monitor = new CountedMonitor(LIMITS);
  const frames = new CameraFrames('wrist', { watch: new PictureWatch(monitor), ...options });
  const heard: RgbdFrame[] = [];
  /** A noisy picture; `noise` names it, so that equal ones repeat. */
  const show = (k: number, level = 120, noise = k) => {
    const header = { stamp_ns: secondsToStamp(k / 10), frame_id: 'w', ...SIZE };
    const n = SIZE.width * SIZE.height;
    const rng = createRng(noise, 'noise');
    const data = Uint8Array.from({ length: 3 * n }, () => level + 7 * rng.uniform());
    bus.publish(CAMERAS.wrist.info, {
      ...header,
      ...{ name: 'wrist', K: [60, 0, 32, 0, 60, 24, 0, 0, 1], D: [0, 0, 0, 0, 0], distortion_model: 'plumb_bob' },
      T_world_camera_optical: [1, 0, 0, 0.5, 0, -1, 0, 0, 0, 0, -1, 0.7, 0, 0, 0, 1],
    });
    bus.publish(CAMERAS.wrist.colour, { ...header, data });
    bus.publish(CAMERAS.wrist.depth, { ...header, data: new Float32Array(n).fill(0.7) });
  };
  return { context, monitor, frames, heard, show, errors, bus };
}

const nothing: Detections = {
  ...{ stamp_ns: 0n, frame_id: 'world', request_id: '', source: 'onnx', model: 'm', degraded_reason: '' },
  detections: [],
};

describe('the frames of a camera', () => {
  it('are the same objects for all who listen, and nobody subscribes when nobody does', () => {
    const { context, frames, heard, show, bus } = rig();
    const stops = [1, 2].map((k) => frames.listen(context, `node ${k}`, (frame) => heard.push(frame)));
    show(1);
    expect(heard).toHaveLength(2);
    expect(heard[0]).toBe(heard[1]);
    for (const stop of stops) stop();
    show(2);
    expect(heard).toHaveLength(2);
    expect(bus.stats()).toEqual([]);
  });

  it('are not looked at until one is used, and once then, whoever uses it', () => {
    const { context, frames, heard, show, monitor } = rig();
    frames.listen(context, 'node', (frame) => heard.push(frame));
    for (let k = 0; k < 20; k++) show(k);
    expect([monitor.arrivals, monitor.looks]).toEqual([0, 0]);
    const last = heard[19];
    frames.findings(last, 0n);
    frames.judge(last, nothing, [], 0n);
    expect(frames.judge(last, nothing, [], 0n).faults).toEqual([]);
    // As many as it knows again.
    expect([monitor.arrivals, monitor.looks]).toEqual([8, 1]);
  });

  it('are known to repeat, though nobody used the one before', () => {
    const { context, frames, heard, show } = rig();
    frames.listen(context, 'node', (frame) => heard.push(frame));
    for (const [k, noise] of [1, 2, 3, 3].entries()) show(k, 120, noise);
    expect(frames.findings(heard[3], 0n).map(({ fault }) => fault)).toEqual(['frozen']);
  });

  it('say that the camera has moved, and let it be looked at from elsewhere for as long as that lasts', () => {
    const { context, frames, heard, show } = rig();
    frames.listen(context, 'node', (frame) => heard.push(frame));
    frames.moved = 'moved by 5.0 mm';
    for (let k = 0; k < 15; k++) {
      show(k);
      const judged = frames.judge(heard[k], nothing, [], 0n);
      expect(judged).toMatchObject({ faults: ['moved'], degraded_reason: 'the camera has moved' });
    }
    frames.moved = '';
    show(20);
    expect(frames.judge(heard[15], nothing, [], 0n)).toMatchObject({ faults: [], degraded_reason: '' });
  });

  it('are held back where the calibration is another camera’s, which is told once', () => {
    const { context, frames, heard, show, errors } = rig({
      correct: () => {
        throw new InputError('calibration of another camera', 'this one');
      },
    });
    frames.listen(context, 'node', (frame) => heard.push(frame));
    show(1);
    show(2);
    expect(heard).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(frames.diagnostics()).toMatchObject({ frames_refused: 2 });
  });
});
