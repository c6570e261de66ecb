import { describe, expect, test } from 'vitest';
import { createRng, type Detection, type Detections, type Quaternion, type Shape } from '../contracts/index.ts';
import { quaternionFromMatrix } from '../dynamics/index.ts';
import { fuseDetections, halfTurnDifference, makeUpright } from './table_objects.ts';

const aboutZ = (yaw: number): Quaternion => {
  const sign = Math.cos(yaw / 2) < 0 ? -1 : 1;
  return [0, 0, sign * Math.sin(yaw / 2), sign * Math.cos(yaw / 2)];
};

function detection(part: Partial<Detection>): Detection {
  return {
    id: 0,
    class: 'box',
    colour: 'red',
    score: 0.9,
    pose: { position: [0.5, 0, 0.02], orientation: [0, 0, 0, 1] },
    shape: { type: 'box', size: [0.04, 0.05, 0.04] },
    covariance: Array.from({ length: 36 }, () => 0),
    image_box: [0, 0, 1, 1],
    pixels: 1,
    ...part,
  };
}

const frame = (...detections: Detection[]): Detections => ({
  stamp_ns: 0n,
  frame_id: 'world',
  request_id: '',
  source: 'classical',
  degraded_reason: '',
  model: '',
  detections,
});

describe('fusing detections', () => {
  test('noise shrinks, and every way to write a box down is the same box', () => {
    const rng = createRng(1);
    let single = 0;
    let fused = 0;
    for (let trial = 0; trial < 200; trial++) {
      const yaw = rng.range(-3, 3);
      const size = [rng.range(0.03, 0.06), rng.range(0.03, 0.06), rng.range(0.03, 0.06)] as const;
      const frames = Array.from({ length: 5 }, () => {
        const quarter = rng.int(4);
        const noisy = size.map((x) => x + 0.001 * rng.normal());
        const sides = quarter % 2 === 0 ? [noisy[0], noisy[1]] : [noisy[1], noisy[0]];
        return frame(
          detection({
            pose: {
              position: [0.5 + 0.002 * rng.normal(), 0.1 + 0.002 * rng.normal(), size[2] / 2],
              orientation: aboutZ(yaw + (quarter * Math.PI) / 2 + 0.03 * rng.normal()),
            },
            shape: { type: 'box', size: [sides[0], sides[1], noisy[2]] },
          }),
        );
      });
      const objects = fuseDetections(frames);
      expect(objects.length).toBe(1);
      const [object] = objects;
      expect(object.seen).toBe(5);
      if (object.shape.type !== 'box') throw new Error('a box became a cylinder');
      const turned = Math.abs(halfTurnDifference(object.yaw_rad, yaw)) > Math.PI / 4;
      const [x, y] = turned ? [object.shape.size[1], object.shape.size[0]] : object.shape.size;
      expect(Math.hypot(x - size[0], y - size[1]), `trial ${trial}`).toBeLessThan(0.004);
      expect(
        Math.abs(halfTurnDifference(object.yaw_rad + (turned ? Math.PI / 2 : 0), yaw)),
        `trial ${trial}`,
      ).toBeLessThan(0.1);
      fused += Math.hypot(object.position[0] - 0.5, object.position[1] - 0.1);
      const [px, py] = frames[0].detections[0].pose.position;
      single += Math.hypot(px - 0.5, py - 0.1);
    }
    expect(fused).toBeLessThan(0.7 * single);
  });

  test('objects apart stay apart, flickering classes and colours are outvoted, missing frames are counted', () => {
    const at = (x: number, part: Partial<Detection> = {}): Detection =>
      detection({ pose: { position: [x, 0, 0.02], orientation: [0, 0, 0, 1] }, ...part });
    const cylinder: Partial<Detection> = { class: 'cylinder', shape: { type: 'cylinder', radius: 0.02, length: 0.04 } };
    const objects = fuseDetections([
      frame(at(0.4), at(0.45, cylinder)),
      frame(at(0.402, { colour: 'orange', score: 0.5 }), at(0.45, cylinder)),
      frame(at(0.401)),
      frame(at(0.449, { score: 0.3 }), at(0.4)),
    ]);
    expect(objects.map((object) => [object.class, object.colour, object.seen])).toEqual([
      ['box', 'red', 4],
      ['cylinder', 'red', 3],
    ]);
    expect(objects[1].shape).toEqual(cylinder.shape);
    expect(fuseDetections([])).toEqual([]);
  });

  test('whatever lies on its side is described upright', () => {
    const sideways = quaternionFromMatrix([0, 0, 1, 0, 1, 0, -1, 0, 0]);
    const box = makeUpright(
      detection({
        shape: { type: 'box', size: [0.03, 0.04, 0.06] },
        pose: { position: [0.5, 0, 0.015], orientation: sideways },
      }),
    );
    const [a, b, up] = (box.shape as Extract<Shape, { type: 'box' }>).size;
    expect(up).toBe(0.03);
    expect([a, b].sort()).toEqual([0.04, 0.06]);
    // the long side points along world x after the quarter turn about y
    const along_x = Math.abs(Math.cos(box.yaw_rad)) > 0.7 ? a : b;
    expect(along_x).toBe(0.06);
    const roller = makeUpright(
      detection({
        shape: { type: 'cylinder', radius: 0.02, length: 0.06 },
        pose: { position: [0.5, 0, 0.02], orientation: sideways },
      }),
    );
    expect(roller.shape.type).toBe('box');
    expect((roller.shape as Extract<Shape, { type: 'box' }>).size[2]).toBe(0.04);
  });
});
