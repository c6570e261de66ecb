import { describe, expect, test } from 'vitest';
import {
  ACTIONS,
  CAMERAS,
  type CameraName,
  type DetectInsideResult,
  InProcessBus,
  type InspectSurfaceResult,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
} from '../contracts/index.ts';
import { CameraFrames } from './camera_frames.ts';
import { PictureMonitor, PictureWatch } from './monitors/index.ts';
import { PerceptionRequestsNode, type RequestsNodeOptions } from './requests_node.ts';

const BIN = { centre: [0.5, 0, 0], inner: [0.2, 0.2, 0.04] } as const;
const HELD = {
  shape: { type: 'box', size: [0.04, 0.04, 0.04] },
  pose: { position: [0.8, 0, 0.4], orientation: [0, 0, 0, 1] },
} as const;

class Rig {
  readonly bus = new InProcessBus({ validate: true });
  readonly clock = new SimClock();
  readonly node: PerceptionRequestsNode;

  constructor(options: RequestsNodeOptions = {}) {
    this.node = new PerceptionRequestsNode(options);
  }

  async start(): Promise<void> {
    await this.node.configure({ bus: this.bus, clock: this.clock, log: SILENT_LOG });
    this.node.activate();
  }

  to(seconds: number): void {
    this.clock.advance(secondsToStamp(seconds));
  }

  /** A grey picture of a floor 0.3 m below the camera, exposed at `stamp_s`. */
  show(camera: CameraName, stamp_s: number, pixels = 16, level = 100): void {
    const topics = CAMERAS[camera];
    const header = { stamp_ns: secondsToStamp(stamp_s), frame_id: camera, width: 16, height: 16 };
    this.bus.publish(topics.info, {
      ...header,
      name: camera,
      K: [14, 0, 7.5, 0, 14, 7.5, 0, 0, 1],
      D: [0, 0, 0, 0, 0],
      distortion_model: 'plumb_bob',
      T_world_camera_optical: [1, 0, 0, 0.5, 0, -1, 0, 0, 0, 0, -1, 0.3, 0, 0, 0, 1],
    });
    this.bus.publish(topics.colour, { ...header, data: new Uint8Array(3 * 16 * pixels).fill(level) });
    this.bus.publish(topics.depth, { ...header, data: new Float32Array(256).fill(0.3) });
  }

  lookInside(): { result: DetectInsideResult | null } {
    const answer: { result: DetectInsideResult | null } = { result: null };
    this.bus.sendGoal(
      ACTIONS.detect_inside,
      { container: BIN },
      { onResult: (_, result) => Object.assign(answer, { result }) },
    );
    return answer;
  }
}

describe('perception on request', () => {
  test('answers by the first picture exposed after the question, when the modelled latency has passed', async () => {
    const rig = new Rig();
    await rig.start();
    rig.to(1);
    const answer = rig.lookInside();
    rig.show('overview', 1.05);
    rig.show('wrist', 0.97);
    rig.to(1.1);
    expect(answer.result).toBeNull();
    rig.show('wrist', 1.07);
    rig.to(1.115);
    expect(answer.result).toBeNull();
    rig.to(1.125);
    expect(answer.result).toMatchObject({
      ok: true,
      reason: '',
      detections: { stamp_ns: secondsToStamp(1.07), detections: [] },
    });
    expect(rig.node.diagnostics()).toMatchObject({ requests_waiting: 0, request_pictures_refused: 0 });
  });

  test('without pictures it says which camera is silent', async () => {
    const rig = new Rig();
    await rig.start();
    const answer = rig.lookInside();
    let judged: InspectSurfaceResult | null = null;
    rig.bus.sendGoal(ACTIONS.inspect_surface, HELD, {
      onResult: (_, result) => {
        judged = result;
      },
    });
    rig.to(2.1);
    expect(answer.result).toMatchObject({ ok: false, reason: 'no picture of the wrist camera for 2 s' });
    expect(judged).toMatchObject({ ok: false, verdict: 'unsure', reason: 'no picture of the overview camera for 2 s' });
  });

  test('passes over pictures in which something is wrong, and says so when no sound one comes', async () => {
    const framesOf = (camera: CameraName) => {
      const monitor = new PictureMonitor({ dark_high: { middle: 0, limit: 0.2 } });
      return new CameraFrames(camera, { watch: new PictureWatch(monitor) });
    };
    const rig = new Rig({ frames: { overview: framesOf('overview'), wrist: framesOf('wrist') } });
    await rig.start();
    const answer = rig.lookInside();
    rig.show('wrist', 0, 16, 3);
    rig.to(0.1);
    expect(answer.result).toBeNull();
    rig.show('wrist', 0.1);
    rig.to(0.2);
    expect(answer.result).toMatchObject({ ok: true, detections: { stamp_ns: secondsToStamp(0.1), faults: [] } });
    const dark = rig.lookInside();
    for (let k = 2; k < 23; k++) {
      rig.show('wrist', k / 10, 16, 3);
      rig.to(k / 10 + 0.05);
    }
    expect(dark.result?.reason).toMatch(/^no sound picture of the wrist camera for 2 s: it is covered \(dark 1/);
    expect(rig.node.diagnostics()).toMatchObject({ requests_waiting: 0, request_pictures_refused: 22 });
  });

  test('a frame whose parts contradict each other is refused with the reason', async () => {
    const rig = new Rig();
    await rig.start();
    const answer = rig.lookInside();
    rig.show('wrist', 0, 8);
    rig.to(0.1);
    expect(answer.result).toMatchObject({ ok: false });
    expect(answer.result?.reason).toContain('384 values');
  });

  test('taken out of service, it neither answers nor listens', async () => {
    const rig = new Rig();
    await rig.start();
    const answer = rig.lookInside();
    rig.node.deactivate();
    rig.show('wrist', 0);
    rig.to(5);
    expect(answer.result).toBeNull();
    expect(rig.bus.stats()).toEqual([]);
  });
});
