import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { CameraModel, hashOf, VISION_CLASSES } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { SceneGenerator, type VisionScene } from './scenes.ts';

const robot = loadRobot('panda').model;

describe('drawn scenes', () => {
  it('are the same for the same stream, whatever was drawn before', () => {
    const draw = (generator: SceneGenerator, name: string) =>
      generator.draw(createRng(3).stream(name), { variation: 'wide', robot });
    const used = new SceneGenerator();
    draw(used, 'other');
    const print = ({ frame, labels, instances, objects }: VisionScene) => [
      hashOf(frame.colour.data),
      hashOf(new Uint8Array(frame.depth.data.buffer)),
      hashOf(labels),
      hashOf(new Uint8Array(instances.buffer)),
      objects,
    ];
    expect(print(draw(used, 'a'))).toEqual(print(draw(new SceneGenerator(), 'a')));
    expect(print(draw(used, 'a'))[0]).not.toEqual(print(draw(used, 'b'))[0]);
  });

  it('show every object where it is said to be, in depth and labels', () => {
    const generator = new SceneGenerator();
    const projected = new Float64Array(2);
    const slopes = new Float64Array(6);
    for (let i = 0; i < 10; i++) {
      const scene = generator.draw(createRng(4).stream(`${i}`), { variation: 'wide', robot: null });
      const { info, depth } = scene.frame;
      for (const object of scene.objects) {
        if (object.visible < 1) continue;
        const [x, y, z] = object.position;
        new CameraModel(info).projectWithSlopes(x, y, 2 * z, projected, 0, slopes);
        const u = Math.round(projected[0] + info.K[2]);
        const v = Math.round(projected[1] + info.K[5]);
        const pixel = v * info.width + u;
        expect(VISION_CLASSES[scene.labels[pixel]], `scene ${i}`).toBe(object.class);
        expect(scene.instances[pixel], `scene ${i}`).toBe(scene.objects.indexOf(object));
        const T = info.T_world_camera_optical;
        const expected = T[2] * (x - T[3]) + T[6] * (y - T[7]) + T[10] * (2 * z - T[11]);
        if (depth.data[pixel] > 0) expect(Math.abs(depth.data[pixel] - expected), `scene ${i}`).toBeLessThan(0.006);
      }
    }
  });

  it('contain the arm when asked to', () => {
    const scene = new SceneGenerator().draw(createRng(5), { variation: 'task', robot, truth: false });
    expect(scene.labels).toContain(VISION_CLASSES.indexOf('robot'));
    expect(scene.objects).toHaveLength(0);
  });
});
