import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { CameraModel, hashOf, VISION_CLASSES } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { inObjectSet, TASK_NAMES } from '../../sim/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { WorldGenerator, type WorldOptions, type WorldPicture } from './worlds.ts';

const robot = loadRobot('panda');
const HELD_OUT: WorldOptions = {
  ...{ task: 'pick-place', level: 'hard', object_set: 'test', cameras: ['overview', 'wrist'] },
  ...{ reaching: 0.5, start_up: 'run/0' },
};

function draw(generator: WorldGenerator, name: string, options: Partial<WorldOptions> = {}): WorldPicture[] {
  return generator.draw(createRng(11).stream(name), { ...HELD_OUT, ...options });
}

/** Of every picture: its bytes and what is true of it. */
function hashes(pictures: readonly WorldPicture[]): unknown {
  return pictures.map(({ frame, instances, objects }) => [
    ...[frame.colour.data, frame.depth.data, instances].map((data) => hashOf(new Uint8Array(data.buffer))),
    objects,
  ]);
}

describe('pictures of worlds', () => {
  it('are the same for the same stream, whatever was drawn before', () => {
    const used = new WorldGenerator(robot);
    draw(used, 'other', { task: 'clutter', cameras: ['wrist'] });
    const a = draw(used, 'a');
    expect(hashes(a)).toEqual(hashes(draw(new WorldGenerator(robot), 'a')));
    expect(a[0].frame.colour.data).not.toEqual(draw(used, 'b')[0].frame.colour.data);
  });

  it.each(TASK_NAMES)('of %s show the object of every pixel at the depth where it is', (task) => {
    const generator = new WorldGenerator(robot);
    let tried = 0;
    for (let k = 0; k < 2; k++) {
      for (const { camera, frame, instances, labels, objects, scene } of draw(generator, `${k}`, {
        task,
        level: 'none',
      })) {
        const T = frame.info.T_world_camera_optical;
        const model = new CameraModel(frame.info);
        const ray = new Float64Array(2);
        for (let i = 0; i < instances.length; i++) {
          if (instances[i] < 0) continue;
          const { pose, shape, class: kind, name } = objects[instances[i]];
          if (VISION_CLASSES[labels[i]] !== kind) expect.fail(`pixel ${i} of ${name} is labelled ${labels[i]}`);
          if (frame.depth.data[i] === 0 || i % 31 > 0) continue;
          model.normalise(i % frame.info.width, Math.floor(i / frame.info.width), ray);
          const d = frame.depth.data[i];
          const at = [0, 1, 2].map(
            (r) => T[4 * r] * ray[0] * d + T[4 * r + 1] * ray[1] * d + T[4 * r + 2] * d + T[4 * r + 3],
          );
          const radius =
            shape.type === 'box'
              ? Math.hypot(...shape.size) / 2
              : shape.type === 'cylinder'
                ? Math.hypot(shape.radius, shape.length / 2)
                : shape.radius;
          const away = Math.hypot(...at.map((value, r) => value - pose.position[r]));
          expect(away, `world ${k}, ${camera}, ${name}, pixel ${i}`).toBeLessThan(radius + 0.02);
          tried++;
        }
        expect(
          scene.objects.every(
            (object) => object.shape.type !== 'mesh' && inObjectSet({ ...object, shape: object.shape }, 'test'),
          ),
        ).toBe(true);
      }
    }
    expect(tried).toBeGreaterThan(20);
  });

  it('count what is in view, and what would be with nothing before it and without borders', () => {
    const generator = new WorldGenerator(robot);
    let cut = 0;
    for (let k = 0; k < sweep(4, 6); k++) {
      for (const { instances, objects, frame } of draw(generator, `${k}`, {
        task: 'sort',
        posture: 'look',
        cameras: ['wrist'],
      })) {
        const { width, height } = frame.info;
        const seen = objects.map(() => ({ pixels: 0, border: 0 }));
        instances.forEach((object, i) => {
          if (object < 0) return;
          seen[object].pixels++;
          const [u, v] = [i % width, Math.floor(i / width)];
          if (u === 0 || v === 0 || u === width - 1 || v === height - 1) seen[object].border++;
        });
        objects.forEach(({ pixels, whole_pixels }, i) => {
          expect(pixels).toBe(seen[i].pixels);
          expect(pixels).toBeLessThanOrEqual(whole_pixels * 1.02 + 8);
          if (seen[i].border > 0 && pixels < 0.9 * whole_pixels) cut++;
        });
      }
    }
    expect(cut).toBeGreaterThan(0);
  });

  it('share their cameras with those of the same run, and not with others', () => {
    const generator = new WorldGenerator(robot);
    const cameras = ['overview'] as const;
    const drawn = (name: string, start_up = 'run/0') => draw(generator, name, { cameras, start_up });
    const [a, b, c] = [drawn('a'), drawn('b'), drawn('c', 'run/1')];
    expect(a[0].perturbation.pose_error).toEqual(b[0].perturbation.pose_error);
    expect(a[0].perturbation.pose_error).not.toEqual(c[0].perturbation.pose_error);
  });
});
