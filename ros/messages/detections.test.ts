import { describe, expect, it } from 'vitest';
import { syntheticDetections } from '../../test/support/synthetic_episode.ts';
import { RosCodec } from '../codec.ts';
import type { RosFields } from '../mapping.ts';
import { detectionSourceToRos, detectionsFromRos, detectionsToRos } from './detections.ts';

const codec = new RosCodec('vision_msgs/msg/Detection3DArray');
const source = new RosCodec('surepick_msgs/msg/DetectionSource');
const ours = syntheticDetections(5n);
const array = codec.decode(codec.encode(detectionsToRos(ours)));
const companion = source.decode(source.encode(detectionSourceToRos(ours)));

/** An array as a foreign detector publishes it. */
function foreign(class_id: string, changes: object = {}): RosFields {
  const hypothesis = (id: string, score: number) => ({
    hypothesis: { class_id: id, score },
    pose: { pose: { position: { x: 0.5, y: 0, z: 0.02 } } },
  });
  const detection = {
    results: [hypothesis('blue cylinder', 0.2), hypothesis(class_id, 0.7)],
    bbox: { size: { x: 0.04, y: 0.05, z: 0.06 } },
    id: 'track-a',
  };
  return codec.decode(codec.encode({ detections: [{ ...detection, ...changes }] }));
}

describe('detections', () => {
  it('are joined with their source', () => {
    expect(detectionsFromRos(array, companion)).toEqual(ours);
  });

  it('of a foreign publisher take for granted what vision_msgs cannot say', () => {
    const read = detectionsFromRos(array);
    expect(read).toMatchObject({ request_id: '', source: 'onnx', degraded_reason: '', model: 'unknown' });
    expect(read.detections.map(({ shape, pose, id }) => ({ shape, pose, id }))).toEqual(
      ours.detections.map(({ shape, pose, id }) => ({ shape, pose, id })),
    );
    expect(read.detections[0]).toMatchObject({ image_box: [0, 0, 0, 0], pixels: 0 });
  });

  it('take the best hypothesis, number what has no number, and bound a cylinder by its box', () => {
    const [box] = detectionsFromRos(foreign('red box')).detections;
    expect(box).toMatchObject({ id: 0, class: 'box', colour: 'red', shape: { type: 'box', size: [0.04, 0.05, 0.06] } });
    expect(box.score).toBe(0.7);
    const [cylinder] = detectionsFromRos(foreign('Cylinder_GREEN')).detections;
    expect(cylinder).toMatchObject({ class: 'cylinder', colour: 'green', shape: { radius: 0.025, length: 0.06 } });
  });

  it('name what is wrong', () => {
    expect(() => detectionsFromRos(foreign('mug'))).toThrow(
      /detections\[0\]\.results\.class_id = "mug": must name a colour \(red, .*\) and a class \(box, cylinder\)/,
    );
    expect(() => detectionsFromRos(foreign('red box', { results: [] }))).toThrow(
      /results = an array: must have a hypothesis/,
    );
    expect(() => detectionsFromRos(foreign('red box', { bbox: {} }))).toThrow(/bbox\.size = "0 0 0": must be positive/);
    const other = source.decode(source.encode({ ...detectionSourceToRos(ours), regions: [] }));
    expect(() => detectionsFromRos(array, other)).toThrow(/regions\.length = 0: must be one a detection, 2/);
  });
});
