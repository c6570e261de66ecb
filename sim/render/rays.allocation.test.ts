import { expect, test } from 'vitest';
import { drawWorld, robot } from '../../test/support/drawn_world.ts';
import { bytesPerCall } from '../../test/support/heap.ts';
import { CAMERA_SPECS, createRenderTarget, SimCamera } from '../sensors/index.ts';

// By itself, since what V8 has seen of other pictures before decides which numbers it leaves on the heap.
test('a frame with patterns and shadows allocates nothing for its faces and pixels', () => {
  const world = drawWorld(1, true);
  const out = createRenderTarget(84, 84);
  for (const name of ['overview', 'wrist'] as const) {
    const camera = new SimCamera({ ...CAMERA_SPECS[name], width: 84, height: 84 }, world.view, robot.model);
    const draw = (frames: number): void => {
      for (let i = 0; i < frames; i++) camera.render(world.engine, out);
    };
    draw(200);
    // V8 may leave a number or two for each of the 60 meshes; one for each face would be 20,000 bytes.
    expect(bytesPerCall(100, draw, 120, 3_999)).toBeLessThan(4_000);
  }
});
