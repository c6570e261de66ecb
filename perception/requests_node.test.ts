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
import { PerceptionRequestsNode } from './requests_node.ts';

const BIN = { centre: [0.5, 0, 0], inner: [0.2, 0.2, 0.04] } as const;
const HELD = {
  shape: { type: 'box', size: [0.04, 0.04, 0.04] },
  pose: { position: [0.8, 0, 0.4], orientation: [0, 0, 0, 1] },
} as const;

class Rig {
  readonly bus = new InProcessBus({ validate: true });
  readonly clock = new SimClock();
  readonly node = new PerceptionRequestsNode();

  async start(): Promise<void> {
    await this.node.configure({ bus: this.bus, clock: this.clock, log: SILENT_LOG });
    this.node.activate();
  }

  to(seconds: number): void {
    this.clock.advance(secondsToStamp(seconds));
  }

  /** A grey picture of a floor 0.3 m below the camera, exposed at `stamp_s`. */
  show(camera: CameraName, stamp_s: number, pixels = 16): void {
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
    this.bus.publish(topics.colour, { ...header, data: new Uint8Array(3 * 16 * pixels).fill(100) });
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
    expect(rig.bus.stats()).toEqual([]);
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
