import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { depthObstacle } from './depth_image.ts';
import { RobotFilter } from './robot_filter.ts';
import { CollisionWorld } from './world.ts';

const robot = loadRobot('panda');
const WIDTH = 80;
const HEIGHT = 60;
/** A camera 1 m above the origin that looks straight down: image right is world x, image down is world −y. */
const DOWN = {
  width: WIDTH,
  height: HEIGHT,
  K: [70, 0, 39.5, 0, 70, 29.5, 0, 0, 1],
  D: [0, 0, 0, 0, 0],
  T_world_camera_optical: [1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 1, 0, 0, 0, 1],
};
const image = (depth: (u: number, v: number) => number) => ({
  width: WIDTH,
  height: HEIGHT,
  data: Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => depth(i % WIDTH, Math.floor(i / WIDTH))),
});

describe('depth images', () => {
  test('a plane seen from above comes out where it is', () => {
    const { cloud, measured, unknown } = depthObstacle(
      'table',
      image(() => 0.8),
      DOWN,
      { voxel_m: 0 },
    );
    expect([measured, unknown, cloud?.kept]).toEqual([WIDTH * HEIGHT, 0, WIDTH * HEIGHT]);
    const { shape, pose } = cloud?.obstacle ?? expect.fail('no cloud');
    for (let k = 0; k < shape.data.length; k += 3) expect(shape.data[k + 2] + pose.position[2]).toBeCloseTo(0.2, 6);
    const x = Array.from({ length: shape.count }, (_, i) => shape.data[3 * i] + pose.position[0]);
    expect(Math.min(...x)).toBeCloseTo((-39.5 / 70) * 0.8, 6);
    expect(Math.max(...x)).toBeCloseTo((39.5 / 70) * 0.8, 6);
  });

  test('what is not measured, masked or taken out is counted and no obstacle; hidden space is filled as deep as asked', () => {
    const depths = image((u, v) => (v === 0 ? 0 : u === 0 ? Number.NaN : 0.5));
    const mask = new Uint8Array(WIDTH * HEIGHT);
    mask[WIDTH * HEIGHT - 1] = 1;
    const exclude = (x: number) => x < 0;
    const seen = depthObstacle('t', depths, DOWN, { mask, exclude, voxel_m: 0 });
    expect(seen.unknown).toBe(WIDTH + HEIGHT - 1);
    expect(seen.masked).toBe(1);
    expect(seen.excluded).toBe(39 * (HEIGHT - 1));
    expect(seen.measured + seen.unknown + seen.masked + seen.excluded).toBe(WIDTH * HEIGHT);
    const deep = depthObstacle('t', depths, DOWN, { behind_m: 0.1, stride: 3 });
    const { shape, pose } = deep.cloud?.obstacle ?? expect.fail('no cloud');
    const z = Array.from({ length: shape.count }, (_, i) => shape.data[3 * i + 2] + pose.position[2]);
    expect(Math.abs(Math.max(...z) - 0.5)).toBeLessThan(0.005);
    expect(Math.abs(Math.min(...z) - 0.4)).toBeLessThan(0.01);
    expect(
      depthObstacle(
        't',
        image(() => 0),
        DOWN,
      ).cloud,
    ).toBeNull();
    expect(depthObstacle('t', depths, DOWN, { stride: 4 }).cloud?.kept).toBeLessThan((WIDTH * HEIGHT) / 16);
  });

  test('what does not fit together is refused', () => {
    const good = image(() => 1);
    const cases: readonly (readonly [
      Parameters<typeof depthObstacle>[2],
      Parameters<typeof depthObstacle>[3],
      string,
    ])[] = [
      [{ ...DOWN, width: 10 }, {}, 'a camera of 10 x 60'],
      [{ ...DOWN, K: [0, 0, 0, 0, 1, 0, 0, 0, 1] }, {}, 'camera matrix'],
      [{ ...DOWN, D: [0.1, 0, 0, 0, 0] }, {}, 'rectify the image first'],
      [{ ...DOWN, T_world_camera_optical: [Number.NaN] }, {}, 'camera pose'],
      [DOWN, { mask: new Uint8Array(3) }, 'a mask of 3'],
      [DOWN, { stride: 0 }, 'stride 0'],
      [DOWN, { range_m: [2, 1] }, 'range 2 to 1'],
      [DOWN, { behind_m: Infinity }, 'behind_m'],
    ];
    for (const [info, options, message] of cases) {
      expect(() => depthObstacle('d', good, info, options)).toThrow(message);
    }
    expect(() => depthObstacle('d', { ...good, data: good.data.slice(1) }, DOWN)).toThrow('4799 depths');
  });

  test('the robot knows its own points: those within the padding of a link, and of what it holds', () => {
    const rng = createRng(61);
    const filter = new RobotFilter(robot, 0.01);
    filter.attach({ type: 'box', size: [0.05, 0.05, 0.2] }, Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0.1));
    filter.move(robot.home_q);
    const world = new CollisionWorld(robot);
    world.setGripperWidth(2 * robot.home_q[7]);
    // the tool at home is at 0.307, 0, 0.487 and looks down
    expect(filter.contains(0.307, 0, 0.3)).toBe(true);
    filter.detach();
    filter.move(robot.home_q);
    expect(filter.contains(0.307, 0, 0.3)).toBe(false);
    let own = 0;
    for (let k = 0; k < 3000; k++) {
      // beside the base, whose contact with obstacles a world does not look for
      const position = [rng.range(0.1, 0.6), rng.range(-0.3, 0.3), rng.range(0.2, 1)] as const;
      const pose = { position, orientation: [0, 0, 0, 1] } as const;
      world.setObstacles([{ name: 'p', shape: { type: 'sphere', radius: 0.01 }, pose }]);
      expect(filter.contains(...position), position.join(' ')).toBe(world.collides(robot.home_q));
      if (filter.contains(...position)) own++;
    }
    expect(own).toBeGreaterThan(100);
    expect(own).toBeLessThan(1500);
  });
});
