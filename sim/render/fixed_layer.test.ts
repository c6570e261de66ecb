import { type Mesh, type MeshLambertMaterial, Scene } from 'three';
import { describe, expect, test } from 'vitest';
import { createRng, type Rng, type Vector3 } from '../../contracts/index.ts';
import type { SceneLight } from '../scene.ts';
import type { RenderTarget } from './fixed_layer.ts';
import { intrinsics, lookAt, type PinholeCamera } from './pinhole.ts';
import { Rasteriser } from './rasteriser.ts';
import { addLights } from './scene_view.ts';
import { buildDiscMesh, buildShapeMesh, setTexture } from './shapes.ts';

const WIDTH = 96;
const HEIGHT = 72;

function target(): RenderTarget {
  return {
    rgb: new Uint8Array(3 * WIDTH * HEIGHT),
    depth: new Float32Array(WIDTH * HEIGHT),
    segmentation: new Uint16Array(WIDTH * HEIGHT),
  };
}

function cameraAt(eye: Vector3): PinholeCamera {
  const T_world_camera_optical = lookAt(eye, [0, 0, 0], [0, 0, 1]);
  return { K: intrinsics(WIDTH, HEIGHT, 0.9), T_world_camera_optical, near_m: 0.05, far_m: 1.4 };
}

/** Straight above: the tops of boxes at z = 0 are at 1/z = 2, which single precision holds. */
const ABOVE: PinholeCamera = {
  ...cameraAt([1, 0, 0]),
  T_world_camera_optical: [1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0.53125, 0, 0, 0, 1],
};

const LIGHT: SceneLight = { key_direction: [0.8, -0.9, 1.6], key: 1, ambient: 1, rgb: [1, 0.9, 0.8] };
const KINDS = ['checker', 'spot', 'noise'] as const;
const PATTERN = { rgb: [0.9, 0.8, 0.7], scale_m: 0.03, offset_m: [0.01, 0, 0], strength: 0.7 } as const;

interface World {
  readonly scene: Scene;
  readonly moving: readonly Mesh[];
  readonly fixed: readonly Mesh[];
}

/** Boxes that lie in the table's top and in each other's faces, so that many pixels are ties, over a table and a disc. */
function world(light?: SceneLight): World {
  const scene = new Scene();
  addLights(scene, light);
  const moving = [0, 1, 2, 3].map((i) =>
    buildShapeMesh({ type: 'box', size: [0.12, 0.1, 0.0625] }, [0.8, 0.2, 0.1], 10 + i),
  );
  const table = buildShapeMesh({ type: 'box', size: [0.9, 0.9, 0.1] }, [0.7, 0.6, 0.5], 1);
  table.position.z = -0.05;
  const block = buildShapeMesh({ type: 'box', size: [0.12, 0.1, 0.0625] }, [0.2, 0.2, 0.9], 3);
  const disc = buildDiscMesh(0.1, [1, 1, 1], 2);
  const fixed = [disc, block, table];
  if (light !== undefined) {
    for (const [i, mesh] of [moving[1], moving[3], table].entries()) setTexture(mesh, { ...PATTERN, kind: KINDS[i] });
  }
  scene.add(...moving, ...fixed);
  return { scene, moving, fixed };
}

function scatter({ moving }: World, rng: Rng): void {
  for (const mesh of moving) {
    const on = rng.int(3);
    mesh.position.set(rng.range(-0.2, 0.2), rng.range(-0.2, 0.2), on === 0 ? -0.03125 : rng.range(-0.05, 0.2));
    if (on === 1) mesh.position.set(0, rng.range(-0.05, 0.05), 0);
    mesh.rotation.set(0, 0, on === 0 ? rng.range(0, 3) : 0);
  }
}

function keep({ fixed }: World, kept: boolean): void {
  for (const mesh of fixed) mesh.userData.fixed = kept;
}

function expectSame(a: RenderTarget, b: RenderTarget, what: string): void {
  for (const image of ['rgb', 'depth', 'segmentation'] as const) {
    expect(Buffer.from(a[image].buffer).equals(Buffer.from(b[image].buffer)), `${what}: ${image}`).toBe(true);
  }
}

describe('fixed meshes', () => {
  test.each([
    ['plain', undefined],
    ['with shadows and patterns', LIGHT],
  ] as const)('%s: a kept picture gives the bytes of drawing everything, ties and all', (_, light) => {
    const rng = createRng(4, 'layer');
    const kept = new Rasteriser(WIDTH, HEIGHT);
    const [out, fresh] = [target(), target()];
    const here = world(light);
    const labels = new Set<number>();
    for (let frame = 0; frame < 200; frame++) {
      scatter(here, rng);
      const turn = frame % 50;
      const moved: Vector3 = turn < 30 ? [0.6, 0.1 * Math.floor(frame / 50), 0.5] : [0.5, 0.01 * frame, 0.4];
      const camera = turn < 40 ? cameraAt(moved) : ABOVE;
      keep(here, true);
      kept.render(here.scene, camera, out);
      keep(here, false);
      new Rasteriser(WIDTH, HEIGHT).render(here.scene, camera, fresh);
      expectSame(out, fresh, `frame ${frame}`);
      for (const label of out.segmentation) labels.add(label);
    }
    expect([...labels].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 10, 11, 12, 13]);
  });

  test.each<[string, (world: World) => void]>([
    ['place', ({ fixed }) => fixed[1].position.set(0.1, 0.1, 0)],
    ['colour', ({ fixed }) => (fixed[2].material as MeshLambertMaterial).color.setRGB(0, 1, 0)],
    ['label', ({ fixed }) => Object.assign(fixed[2].userData, { label: 7 })],
    ['visibility', ({ fixed }) => Object.assign(fixed[1], { visible: false })],
    ['geometry', ({ fixed }) => Object.assign(fixed[1], { geometry: buildDiscMesh(1, [1, 1, 1], 0).geometry })],
    ['number', ({ scene, fixed }) => scene.remove(fixed[2])],
    ['light', ({ scene }) => scene.children[0].position.set(-1, 0, 1)],
  ])('a change of %s shows at once', (_, change) => {
    const camera = cameraAt([0.6, 0.2, 0.5]);
    const rasteriser = new Rasteriser(WIDTH, HEIGHT);
    const [before, after, fresh] = [target(), target(), target()];
    const here = world();
    keep(here, true);
    for (let frame = 0; frame < 3; frame++) rasteriser.render(here.scene, camera, before);
    change(here);
    for (let frame = 0; frame < 3; frame++) {
      rasteriser.render(here.scene, camera, after);
      new Rasteriser(WIDTH, HEIGHT).render(here.scene, camera, fresh);
      expectSame(after, fresh, `frame ${frame}`);
    }
    const bytes = (out: RenderTarget): Buffer => Buffer.concat([out.rgb, Buffer.from(out.segmentation.buffer)]);
    expect(bytes(after).equals(bytes(before))).toBe(false);
  });

  test('they are drawn after all others wherever they stand in the scene', () => {
    const camera = cameraAt([0.6, 0.2, 0.5]);
    const [last, first] = [target(), target()];
    const [a, b] = [world(), world()];
    for (const here of [a, b]) {
      keep(here, true);
      scatter(here, createRng(2));
    }
    b.scene.remove(...b.moving);
    b.scene.add(...b.moving);
    new Rasteriser(WIDTH, HEIGHT).render(a.scene, camera, last);
    new Rasteriser(WIDTH, HEIGHT).render(b.scene, camera, first);
    expectSame(first, last, 'order');
  });
});
