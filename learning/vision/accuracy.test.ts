import { describe, expect, it } from 'vitest';
import { createRng, type Detection, type Pose, type Shape } from '../../contracts/index.ts';
import { type JudgedPicture, judgePicture, type PictureResult, takenFrom } from './accuracy.ts';
import { summarise } from './accuracy_summary.ts';
import type { SeenObject } from './worlds.ts';

const SIDE = 40;
const BOX: Shape = { type: 'box', size: [0.04, 0.03, 0.05] };
const upright = (yaw: number): Pose => ({
  position: [0.5, 0, 0.025],
  orientation: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)],
});

/** A square of pixels from (u, v) on. */
function square(u: number, v: number, side: number): Int32Array {
  return Int32Array.from({ length: side * side }, (_, i) => (v + Math.floor(i / side)) * SIDE + u + (i % side));
}

function picture(
  objects: readonly { readonly pixels: Int32Array; readonly seen?: Partial<SeenObject> }[],
): JudgedPicture {
  const instances = new Int16Array(SIDE * SIDE).fill(-1);
  objects.forEach(({ pixels }, i) => {
    for (const at of pixels) instances[at] = i;
  });
  const seen = objects.map(
    ({ pixels, seen: told }): SeenObject => ({
      ...{ name: 'a', class: 'box', shape: BOX, pose: upright(0), pixels: pixels.length, whole_pixels: pixels.length },
      ...told,
    }),
  );
  return { camera: 'overview', instances, objects: seen };
}

function detection(told: Partial<Detection> = {}, sigma = 0.002, yaw_sigma = 0.05): Detection {
  const covariance = Array.from({ length: 36 }, (_, k) => (k % 7 > 0 ? 0 : k < 21 ? sigma ** 2 : yaw_sigma ** 2));
  return {
    ...{ id: 0, class: 'box', colour: 'red', score: 0.9, pose: upright(0), shape: BOX, covariance },
    ...{ image_box: [0, 0, 1, 1], pixels: 1 },
    ...told,
  };
}

const world = (result: PictureResult, k = 0) => ({ ...result, world: k, run: `run ${k}` });

describe('a picture judged by its truth', () => {
  const whole = square(4, 4, 10);

  it('has its object found by a mask that covers half of it, and by no less', () => {
    const found = (mask: Int32Array) =>
      judgePicture(picture([{ pixels: whole }]), { detections: [detection()], masks: [mask] });
    expect(found(whole).objects[0]).toMatchObject({ found: true, class_right: true });
    expect(found(whole.slice(0, 50)).objects[0].found).toBe(true);
    expect(found(whole.slice(0, 49))).toMatchObject({ objects: [{ found: false }], detections: [{ shows: false }] });
    expect(found(square(4, 4, 15)).objects[0].found).toBe(false);
    expect(found(square(20, 20, 10)).detections[0]).toMatchObject({ shows: false, right: false });
  });

  it('shows an object once, by the surer of two detections', () => {
    const { objects, detections } = judgePicture(picture([{ pixels: whole }]), {
      detections: [detection({ score: 0.5 }), detection({ score: 0.8 })],
      masks: [whole, whole],
    });
    expect(objects).toHaveLength(1);
    expect(detections.map(({ shows }) => shows)).toEqual([false, true]);
  });

  it('asks for what is in view by two fifths, and judges poses from three fifths on', () => {
    const seen = (share: number) =>
      judgePicture(picture([{ pixels: whole, seen: { whole_pixels: whole.length / share } }]), {
        ...{ detections: [detection()], masks: [whole] },
      });
    expect(seen(0.39)).toMatchObject({ objects: [], detections: [{ shows: true, right: true }] });
    expect(seen(0.41).objects[0]).toMatchObject({ found: true, pose: null });
    expect(seen(0.61).objects[0].pose).toMatchObject({ position_m: 0, yaw_rad: 0 });
  });

  it('counts a wrong class as found, but not as right', () => {
    const cylinder = detection({ class: 'cylinder', shape: { type: 'cylinder', radius: 0.02, length: 0.05 } });
    const result = judgePicture(picture([{ pixels: whole }]), { detections: [cylinder], masks: [whole] });
    expect(result).toMatchObject({
      objects: [{ found: true, class_right: false, pose: { yaw_rad: null } }],
      detections: [{ shows: true, right: false }],
    });
  });

  it('measures yaw up to the symmetry of the true box, whichever side is called the first', () => {
    const turned = (yaw: number, truth: readonly [number, number, number], told = truth) =>
      judgePicture(picture([{ pixels: whole, seen: { shape: { type: 'box', size: truth } } }]), {
        ...{ detections: [detection({ pose: upright(yaw), shape: { type: 'box', size: told } })], masks: [whole] },
      }).objects[0].pose?.yaw_rad;
    expect(turned(Math.PI + 0.1, [0.04, 0.03, 0.05])).toBeCloseTo(0.1, 12);
    expect(turned(Math.PI / 2 - 0.2, [0.04, 0.04, 0.05])).toBeCloseTo(0.2, 12);
    expect(turned(Math.PI / 2 - 0.2, [0.04, 0.03, 0.05])).toBeCloseTo(Math.PI / 2 - 0.2, 12);
    expect(turned(Math.PI / 2 - 0.2, [0.04, 0.03, 0.05], [0.03, 0.04, 0.05])).toBeCloseTo(0.2, 12);
  });

  it('counts errors within their covariance as often as it says', () => {
    const rng = createRng(5);
    const [sigma, yaw_sigma] = [0.003, 0.04];
    const results = Array.from({ length: 600 }, (_, k) => {
      const [x, y, z] = [0.5, 0, 0.025].map((at) => at + sigma * rng.normal());
      const pose: Pose = { ...upright(yaw_sigma * rng.normal()), position: [x, y, z] };
      const answer = { detections: [detection({ pose }, sigma, yaw_sigma)], masks: [whole] };
      return world(judgePicture(picture([{ pixels: whole }]), answer), k);
    });
    const row = summarise('all', results);
    for (const { share } of [row.position_covered, row.yaw_covered]) expect(Math.abs(share - 0.95)).toBeLessThan(0.03);
    // Of three equal normals: sigma times the square root of the median of chi-squared with 3 degrees of freedom.
    expect(row.position_median_mm.value).toBeCloseTo(3 * Math.sqrt(2.366), 0);
    const [low, high] = row.position_median_mm.bootstrap95;
    expect(low).toBeLessThan(row.position_median_mm.value);
    expect(high).toBeGreaterThan(row.position_median_mm.value);
  });
});

describe('a summary', () => {
  it('counts recall over objects and precision over detections, both over what is taken', () => {
    const [a, b] = [square(2, 2, 10), square(20, 20, 10)];
    const result = judgePicture(picture([{ pixels: a }, { pixels: b }]), {
      detections: [detection(), detection({ score: 0.2 }), detection({ score: 0.6 })],
      masks: [a, square(30, 2, 6), square(2, 30, 6)],
    });
    expect(summarise('all', [world(result)])).toMatchObject({
      recall: { of: 2, share: 0.5 },
      precision: { of: 3, share: 1 / 3 },
    });
    expect(summarise('all', [world(takenFrom(0.5, result))])).toMatchObject({
      recall: { of: 2, share: 0.5 },
      precision: { of: 2, share: 0.5 },
    });
    expect(summarise('all', [world(takenFrom(0.95, result))])).toMatchObject({
      recall: { of: 2, share: 0 },
      precision: { of: 0 },
    });
  });
});
