import { beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../../../contracts/index.ts';
import { drawWorld, photograph, SIZE } from '../../../test/support/drawn_world.ts';
import { requirePeer } from '../../../test/support/peer.ts';
import { adapterForTests } from '../../../test/support/webgpu.ts';
import { createRenderTarget } from '../../sensors/index.ts';
import { findWebGpu, requireWebGpu } from './adapter.ts';
import { WebGpuRenderer } from './renderer.ts';

let adapter: GPUAdapter | string = '';
beforeAll(async () => {
  adapter = await adapterForTests();
});

describe('pictures by WebGPU', () => {
  test('are those of the rasteriser: labels, depth, colours, patterns and shadows', async (context) => {
    requirePeer(context, 'webgpu', String(adapter), typeof adapter !== 'string');
    if (typeof adapter === 'string') return;
    const renderer = await WebGpuRenderer.create(adapter, SIZE.width, SIZE.height);
    const out = createRenderTarget(SIZE.width, SIZE.height);
    let [pixels, labels, depths, colours] = [0, 0, 0, 0];
    let drawn = false;
    for (let seed = 0; seed < 6; seed++) {
      const world = drawWorld(seed, seed % 2 === 1);
      for (const name of ['overview', 'wrist'] as const) {
        const { out: reference, camera } = photograph(world, name);
        await renderer.render(world.view.scene, camera, out);
        for (let i = 0; i < out.depth.length; i++) {
          pixels++;
          if (out.segmentation[i] !== reference.segmentation[i]) {
            labels++;
            continue;
          }
          const off = Math.abs(out.depth[i] - reference.depth[i]);
          if (off > 1e-3) depths++;
          drawn ||= off > 0;
          const far = [0, 1, 2].some((k) => Math.abs(out.rgb[3 * i + k] - reference.rgb[3 * i + k]) > 2);
          if (far) colours++;
        }
      }
    }
    renderer.close();
    process.stdout.write(
      `of ${pixels} pixels differ: labels ${labels}, depth by over 1 mm ${depths}, colour ${colours}\n`,
    );
    // A GPU snaps corners to a sixteenth of a pixel or finer.
    expect(labels / pixels).toBeLessThan(0.005);
    expect(depths / pixels).toBeLessThan(0.001);
    expect(colours / pixels).toBeLessThan(0.005);
    // Single precision is not double: equal pictures would be those of the rasteriser itself.
    expect(drawn).toBe(true);
  });
});

test('without the package, what to install is said', async () => {
  const state = await findWebGpu('no-such-webgpu');
  expect(state.adapter).toBeNull();
  expect(state.remedy).toBe('npm install --no-save webgpu@0.6.2 (51 MB)');
  await expect(requireWebGpu('no-such-webgpu')).rejects.toThrow(InputError);
  expect((await findWebGpu('three')).remedy).toMatch(/not Dawn for Node/);
});
