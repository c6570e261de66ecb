import { describe, expect, it } from 'vitest';
import {
  CAMERAS,
  type CameraInfo,
  type Detection,
  type Detections,
  InProcessBus,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
  TOPICS,
} from '../../contracts/index.ts';
import { detectionAt } from '../../test/support/watched_table.ts';
import { sees, TracksNode } from './tracks_node.ts';

/** Looks straight down from 0.8 m above a place. */
function infoOf(name: string, x: number, y: number, stamp_ns = 0n): CameraInfo {
  return {
    ...{ stamp_ns, frame_id: name, name, width: 320, height: 240, distortion_model: 'plumb_bob' },
    ...{ K: [340, 0, 160, 0, 340, 120, 0, 0, 1], D: [0, 0, 0, 0, 0] },
    T_world_camera_optical: [1, 0, 0, x, 0, -1, 0, y, 0, 0, -1, 0.8, 0, 0, 0, 1],
  };
}

async function rig() {
  const bus = new InProcessBus({ validate: true });
  const clock = new SimClock();
  const node = new TracksNode();
  const warned: string[] = [];
  await node.configure({
    bus,
    clock,
    log: { ...SILENT_LOG, warn: (_: object, text: string) => void warned.push(text) },
  });
  node.activate();
  const heard: Detections[] = [];
  bus.subscribe(TOPICS.objects, 'test', (message) => void heard.push(message));
  const settle = () => bus.settled();
  const info = async (camera: 'overview' | 'wrist', x: number, y: number) => {
    bus.publish(CAMERAS[camera].info, infoOf(camera, x, y));
    await settle();
  };
  const look = async (
    camera: string,
    time_s: number,
    detections: readonly Detection[],
    more: Partial<Detections> = {},
  ) => {
    bus.publish(TOPICS.detections, {
      ...{ stamp_ns: secondsToStamp(time_s), frame_id: 'world', request_id: `${camera}/1`, source: 'onnx' },
      ...{ degraded_reason: '', model: 'vision@1', detections, ...more },
    });
    await settle();
    return heard.at(-1)?.detections ?? [];
  };
  return { node, bus, heard, warned, info, look };
}

const RED = detectionAt([0.5, 0, 0.02], 'box', 'red', 0.97);

describe('tracks node', () => {
  it('publishes objects of both cameras under one number, after every picture', async () => {
    const { heard, info, look } = await rig();
    await info('overview', 0.5, 0);
    await info('wrist', 0.5, 0);
    const ids = new Set<number>();
    for (let k = 0; k < 10; k++) {
      for (const camera of ['overview', 'wrist']) for (const { id } of await look(camera, k / 10, [RED])) ids.add(id);
    }
    expect(heard).toHaveLength(20);
    expect([...ids]).toHaveLength(1);
    expect(heard.at(-1)?.request_id).toBe('wrist/1');
  });

  it('keeps what another camera does not look at, and ends what a camera should see and does not', async () => {
    const { info, look } = await rig();
    await info('overview', 0.5, 0);
    await info('wrist', 0.9, 0.6);
    for (let k = 0; k < 5; k++) await look('overview', k / 10, [RED]);
    for (let k = 5; k < 30; k++) expect(await look('wrist', k / 10, [])).toHaveLength(1);
    let left: readonly Detection[] = [RED];
    for (let k = 30; k < 100; k++) left = await look('overview', k / 10, []);
    expect(left).toEqual([]);
  });

  it('does not hold it against an object that a picture with a fault, or without geometry, lacks it', async () => {
    for (const known of [true, false]) {
      const { info, look } = await rig();
      if (known) await info('overview', 0.5, 0);
      for (let k = 0; k < 5; k++) await look('overview', k / 10, [RED]);
      for (let k = 5; k < 60; k++) {
        expect(await look('overview', k / 10, [], known ? { faults: ['covered'] } : {})).toHaveLength(1);
      }
    }
  });

  it('leaves out what comes too late, and says so', async () => {
    const { heard, warned, look } = await rig();
    await look('overview', 5, [RED]);
    await look('wrist', 4.8, [RED]);
    expect(heard).toHaveLength(2);
    await look('wrist', 4.5, [RED]);
    expect(heard).toHaveLength(2);
    expect(warned).toEqual(['detections too late to be followed']);
  });

  it('forgets all when it is deactivated', async () => {
    const { node, heard, look } = await rig();
    for (let k = 0; k < 5; k++) await look('overview', k / 10, [RED]);
    node.deactivate();
    await look('overview', 0.6, [RED]);
    expect(heard).toHaveLength(5);
    node.activate();
    expect(await look('overview', 0.1, [])).toEqual([]);
  });
});

describe('what a camera sees', () => {
  it('is what its pinhole maps into the picture, in front of it', () => {
    const info = infoOf('overview', 0.5, 0);
    expect(sees(info, 0.5, 0, 0)).toBe(true);
    // 160 px of 340 px focal length at 0.8 m: 0.376 m to the side; down the picture is −y.
    expect(sees(info, 0.5 + 0.34, 0, 0)).toBe(true);
    expect(sees(info, 0.5 + 0.37, 0, 0)).toBe(false);
    expect(sees(info, 0.5, 0.25, 0)).toBe(true);
    expect(sees(info, 0.5, 0.29, 0)).toBe(false);
    expect(sees(info, 0.5, 0, 0.9)).toBe(false);
  });
});
