import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DirectionalLight,
  Group,
  Mesh,
  MeshLambertMaterial,
  Scene,
} from 'three';
import { describe, expect, test } from 'vitest';
import { createRng, type Rng, type Shape, type Vector3 } from '../../contracts/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import type { RenderTarget } from './fixed_layer.ts';
import { intrinsics, lookAt, type PinholeCamera } from './pinhole.ts';
import { Rasteriser } from './rasteriser.ts';
import { addLights } from './scene_view.ts';
import { buildShapeMesh, LABEL } from './shapes.ts';

const WIDTH = 160;
const HEIGHT = 120;

function target(width = WIDTH, height = HEIGHT): RenderTarget {
  return {
    rgb: new Uint8Array(3 * width * height),
    depth: new Float32Array(width * height),
    segmentation: new Uint16Array(width * height),
  };
}

function same(a: RenderTarget, b: RenderTarget): boolean {
  const bytes = (array: Uint8Array | Float32Array | Uint16Array): Buffer => Buffer.from(array.buffer);
  return (['rgb', 'depth', 'segmentation'] as const).every((image) => bytes(a[image]).equals(bytes(b[image])));
}

function cameraAt(eye: Vector3, at: Vector3, near_m = 0.05, width = WIDTH, height = HEIGHT): PinholeCamera {
  const T_world_camera_optical = lookAt(eye, at, [0, 0, 1]);
  return { K: intrinsics(width, height, 0.9), T_world_camera_optical, near_m, far_m: 5 };
}

interface Placed {
  readonly shape: Shape;
  readonly position: Vector3;
  readonly q: readonly [number, number, number, number];
  readonly label: number;
}

function sceneOf(parts: readonly Placed[]): Scene {
  const scene = new Scene();
  addLights(scene);
  for (const part of parts) {
    const mesh = buildShapeMesh(part.shape, [0.7, 0.5, 0.3], part.label);
    mesh.position.set(...part.position);
    mesh.quaternion.set(...part.q);
    scene.add(mesh);
  }
  return scene;
}

function randomParts(rng: Rng): Placed[] {
  const parts: Placed[] = [
    {
      shape: { type: 'box', size: [0.8, 1.2, 0.05] },
      position: [0.55, 0, -0.025],
      q: [0, 0, 0, 1],
      label: LABEL.table,
    },
  ];
  const count = 3 + rng.int(6);
  for (let i = 0; i < count; i++) {
    const kind = rng.int(3);
    const edge = (): number => rng.range(0.03, 0.12);
    const shape: Shape =
      kind === 0
        ? { type: 'box', size: [edge(), edge(), edge()] }
        : kind === 1
          ? { type: 'cylinder', radius: edge() / 2, length: edge() }
          : { type: 'sphere', radius: edge() / 2 };
    const q = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
    const length = Math.hypot(...q);
    parts.push({
      shape,
      position: [rng.range(0.3, 0.8), rng.range(-0.3, 0.3), rng.range(0, 0.2)],
      q: [q[0] / length, q[1] / length, q[2] / length, q[3] / length],
      label: LABEL.object0 + i,
    });
  }
  return parts;
}

interface Hit {
  readonly t: number;
  /** Cosine between ray and normal. */
  readonly cosine: number;
}

/** The nearest hit of a ray with a primitive, solved in its own frame; null for none. */
function cast(part: Placed, origin: Vector3, direction: Vector3): Hit | null {
  const o = toLocal(part, [origin[0] - part.position[0], origin[1] - part.position[1], origin[2] - part.position[2]]);
  const d = toLocal(part, direction);
  const length = Math.hypot(...d);
  const hits: Hit[] = [];
  const accept = (t: number, inside: boolean, normal: Vector3): void => {
    const cosine = -(d[0] * normal[0] + d[1] * normal[1] + d[2] * normal[2]) / length;
    if (t > 0 && inside && cosine > 0) hits.push({ t, cosine });
  };
  const at = (t: number): Vector3 => [o[0] + t * d[0], o[1] + t * d[1], o[2] + t * d[2]];
  const { shape } = part;
  if (shape.type === 'box') {
    for (let axis = 0; axis < 3; axis++) {
      for (const side of [-1, 1]) {
        const t = ((side * shape.size[axis]) / 2 - o[axis]) / d[axis];
        const p = at(t);
        const normal: [number, number, number] = [0, 0, 0];
        normal[axis] = side;
        accept(
          t,
          [0, 1, 2].every((k) => k === axis || Math.abs(p[k]) <= shape.size[k] / 2),
          normal,
        );
      }
    }
  } else {
    const flat = shape.type === 'cylinder';
    const dims = flat ? [0, 1] : [0, 1, 2];
    const a = dims.reduce((sum, k) => sum + d[k] * d[k], 0);
    const b = dims.reduce((sum, k) => sum + d[k] * o[k], 0);
    const c = dims.reduce((sum, k) => sum + o[k] * o[k], 0) - shape.radius ** 2;
    const t = (-b - Math.sqrt(b * b - a * c)) / a;
    const p = at(t);
    accept(t, !flat || Math.abs(p[2]) <= shape.length / 2, [
      p[0] / shape.radius,
      p[1] / shape.radius,
      flat ? 0 : p[2] / shape.radius,
    ]);
    if (flat) {
      for (const side of [-1, 1]) {
        const tc = ((side * shape.length) / 2 - o[2]) / d[2];
        const pc = at(tc);
        accept(tc, Math.hypot(pc[0], pc[1]) <= shape.radius, [0, 0, side]);
      }
    }
  }
  return hits.reduce<Hit | null>((best, hit) => (best === null || hit.t < best.t ? hit : best), null);
}

/** v turned by the inverse of the part's quaternion. */
function toLocal(part: Placed, v: Vector3): [number, number, number] {
  const [x, y, z, w] = [-part.q[0], -part.q[1], -part.q[2], part.q[3]];
  const tx = 2 * (y * v[2] - z * v[1]);
  const ty = 2 * (z * v[0] - x * v[2]);
  const tz = 2 * (x * v[1] - y * v[0]);
  return [v[0] + w * tx + y * tz - z * ty, v[1] + w * ty + z * tx - x * tz, v[2] + w * tz + x * ty - y * tx];
}

/** Ray of a pixel scaled to optical depth 1. */
function ray(camera: PinholeCamera, pixel: number, width = WIDTH): Vector3 {
  const { K, T_world_camera_optical: T } = camera;
  const x = ((pixel % width) - K[2]) / K[0];
  const y = (Math.floor(pixel / width) - K[5]) / K[4];
  return [T[0] * x + T[1] * y + T[2], T[4] * x + T[5] * y + T[6], T[8] * x + T[9] * y + T[10]];
}

function origin(camera: PinholeCamera): Vector3 {
  const T = camera.T_world_camera_optical;
  return [T[3], T[7], T[11]];
}

describe('rasteriser against rays', () => {
  test('depth of the table is that of the ray to its plane within 1e-6 m', () => {
    const out = target();
    const scene = sceneOf(randomParts(createRng(0)).slice(0, 1));
    const rasteriser = new Rasteriser(WIDTH, HEIGHT);
    for (const eye of [
      [0.95, 0, 0.69],
      [0.5, 0.01, 0.3],
      [1.3, -0.6, 0.2],
    ] as const) {
      const camera = cameraAt(eye, [0.55, 0, 0]);
      rasteriser.render(scene, camera, out);
      let seen = 0;
      let worst = 0;
      for (let i = 0; i < out.depth.length; i++) {
        if (out.segmentation[i] !== LABEL.table) continue;
        const d = ray(camera, i);
        const depth = -eye[2] / d[2];
        const hit = [eye[0] + depth * d[0], eye[1] + depth * d[1]];
        if (Math.abs(hit[0] - 0.55) > 0.399 || Math.abs(hit[1]) > 0.599) continue;
        worst = Math.max(worst, Math.abs(out.depth[i] - depth));
        seen++;
      }
      expect(worst).toBeLessThan(1e-6);
      expect(seen).toBeGreaterThan(0.2 * WIDTH * HEIGHT);
    }
  });

  test('random scenes: depth and labels agree with a ray caster over the exact primitives', () => {
    const rng = createRng(7, 'rays');
    const out = target();
    const rasteriser = new Rasteriser(WIDTH, HEIGHT);
    let pixels = 0;
    let wrong = 0;
    for (let round = 0; round < sweep(5, 12); round++) {
      const parts = randomParts(rng);
      const camera = cameraAt([rng.range(0.7, 1.2), rng.range(-0.5, 0.5), rng.range(0.3, 0.8)], [0.55, 0, 0]);
      rasteriser.render(sceneOf(parts), camera, out);
      for (let i = 0; i < out.depth.length; i++) {
        const d = ray(camera, i);
        let nearest: { hit: Hit; part: Placed } | null = null;
        for (const part of parts) {
          const hit = cast(part, origin(camera), d);
          if (hit !== null && (nearest === null || hit.t < nearest.hit.t)) nearest = { hit, part };
        }
        pixels++;
        if (out.segmentation[i] !== (nearest?.part.label ?? 0)) {
          wrong++;
          continue;
        }
        if (nearest === null) expect(out.depth[i]).toBe(0);
        else {
          // Round shapes are drawn with 32 facets; the nearer to grazing the ray, the more that shows in depth.
          const { shape } = nearest.part;
          const facets = shape.type === 'box' ? 0 : (shape.type === 'cylinder' ? 0.0035 : 0.007) * shape.radius;
          const allowed = 1e-6 + facets / nearest.hit.cosine;
          if (nearest.hit.cosine < 0.2) continue;
          const error = Math.abs(out.depth[i] - nearest.hit.t);
          if (error >= (shape.type === 'sphere' ? allowed : Math.min(1e-3, allowed))) {
            expect.fail(`round ${round} pixel ${i}: depth off by ${error} m of ${JSON.stringify(nearest)}`);
          }
        }
      }
    }
    expect(wrong / pixels).toBeLessThan(0.005);
  });
});

describe('rasteriser', () => {
  const box = (x: number, label: number, size = 0.1): Placed => ({
    shape: { type: 'box', size: [size, size, size] },
    position: [x, 0, 0],
    q: [0, 0, 0, 1],
    label,
  });

  test('the nearer surface wins in any order of drawing', () => {
    const camera = cameraAt([1, 0, 0.2], [0, 0, 0]);
    const parts = [box(0, 10), box(0.3, 11), box(-0.3, 12)];
    const orders = [parts, [...parts].reverse(), [parts[1], parts[0], parts[2]]].map((order) => {
      const out = target();
      new Rasteriser(WIDTH, HEIGHT).render(sceneOf(order), camera, out);
      return out;
    });
    const shown = new Set(orders[0].segmentation);
    expect([...shown].sort((a, b) => a - b)).toEqual([0, 10, 11, 12]);
    for (const other of orders.slice(1)) {
      expect(same(other, orders[0])).toBe(true);
    }
  });

  test('nothing is seen nearer than near_m or further than far_m, and a surface through the near plane keeps its depth', () => {
    const floor: Placed = {
      shape: { type: 'box', size: [20, 20, 0.1] },
      position: [0, 0, -0.05],
      q: [0, 0, 0, 1],
      label: 1,
    };
    const camera = { ...cameraAt([0, 0, 0.3], [1, 0, 0.1], 0.5), far_m: 3 };
    const out = target();
    new Rasteriser(WIDTH, HEIGHT).render(sceneOf([floor]), camera, out);
    const wrong: number[] = [];
    let seen = 0;
    for (let i = 0; i < out.depth.length; i++) {
      const d = ray(camera, i);
      const depth = -0.3 / d[2];
      const visible = d[2] < 0 && depth > 0.5 && depth < 3;
      const borderline = Math.abs(depth - 0.5) <= 1e-6 || Math.abs(depth - 3) <= 1e-5;
      if (!borderline && out.segmentation[i] !== (visible ? 1 : 0)) wrong.push(i);
      if (Math.abs(out.depth[i] - (out.segmentation[i] === 1 ? depth : 0)) > 2e-6) wrong.push(i);
      if (visible) seen++;
    }
    expect(wrong).toEqual([]);
    expect(seen).toBeGreaterThan(1000);
    expect(seen).toBeLessThan(WIDTH * HEIGHT - 1000);
  });

  test('from inside a closed body nothing of it is seen, and what is behind the camera never', () => {
    const out = target();
    new Rasteriser(WIDTH, HEIGHT).render(sceneOf([box(0, 10, 1), box(3, 11)]), cameraAt([0, 0, 0], [-1, 0, 0]), out);
    expect(out.segmentation.every((label) => label === 0)).toBe(true);
    expect(out.depth.every((depth) => depth === 0)).toBe(true);
  });

  test('neighbouring triangles leave no gap and fill the shape once', () => {
    const rng = createRng(3, 'gaps');
    const out = target();
    const rasteriser = new Rasteriser(WIDTH, HEIGHT);
    for (let round = 0; round < 20; round++) {
      const grid = gridMesh(rng, 40);
      const scene = new Scene();
      scene.add(grid);
      const camera = cameraAt([0, 0.001, 0.4], [0, 0, 0]);
      rasteriser.render(scene, camera, out);
      expect(
        out.segmentation.every((label) => label === 5),
        `round ${round}`,
      ).toBe(true);
    }
  });

  test('colour follows Lambert: albedo times the cosine of the light, in linear light', () => {
    const albedo = 0.5;
    const colours = [0, 30, 60, 85, 120].map((degrees) => {
      const scene = new Scene();
      const light = new DirectionalLight(0xffffff, 1);
      const angle = (degrees * Math.PI) / 180;
      light.position.set(Math.sin(angle), 0, Math.cos(angle));
      scene.add(light);
      const mesh = buildShapeMesh({ type: 'box', size: [4, 4, 1] }, [1, 1, 1], 1);
      (mesh.material as MeshLambertMaterial).color.setRGB(albedo, albedo, albedo);
      mesh.position.z = -0.5;
      const tilted = new Group();
      tilted.add(mesh);
      scene.add(tilted);
      const out = target();
      new Rasteriser(WIDTH, HEIGHT).render(scene, cameraAt([0, 0.01, 1], [0, 0, 0]), out);
      return out.rgb[3 * (60 * WIDTH + 80)];
    });
    [0, 30, 60, 85, 120].forEach((degrees, i) => {
      const linear = albedo * Math.max(0, Math.cos((degrees * Math.PI) / 180));
      const expected = 255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055);
      expect(Math.abs(colours[i] - expected), `${degrees} degrees`).toBeLessThanOrEqual(1);
    });
  });

  test('a scaled mesh is lit as the shape it shows', () => {
    const images = [1, 3].map((stretch) => {
      const scene = new Scene();
      addLights(scene);
      const mesh = buildShapeMesh({ type: 'box', size: [1, 1, 1] }, [0.5, 0.5, 0.5], 1);
      mesh.scale.set(1, 1, stretch);
      mesh.rotation.set(0.4, 0.3, 0.2);
      mesh.updateMatrix();
      scene.add(mesh);
      const out = target();
      new Rasteriser(WIDTH, HEIGHT).render(scene, cameraAt([1, 1, 3.5], [0, 0, 0]), out);
      return new Set(Array.from({ length: WIDTH * HEIGHT }, (_, i) => out.rgb[3 * i]));
    });
    expect([...images[1]].sort()).toEqual([...images[0]].sort());
  });

  test('invisible branches are left out and the background has the scene’s colour', () => {
    const scene = sceneOf([box(0, 10)]);
    scene.background = new Color(1, 0, 0);
    scene.children
      .filter((child) => 'isMesh' in child)
      .forEach((child) => {
        child.visible = false;
      });
    const out = target();
    new Rasteriser(WIDTH, HEIGHT).render(scene, cameraAt([1, 0, 0.2], [0, 0, 0]), out);
    expect([out.rgb[0], out.rgb[1], out.rgb[2]]).toEqual([255, 0, 0]);
    expect(out.segmentation.every((label) => label === 0)).toBe(true);
  });

  test('the same scene gives the same bytes, whatever was drawn before', () => {
    const camera = cameraAt([0.95, 0, 0.69], [0.55, 0, 0]);
    const parts = randomParts(createRng(11));
    const fresh = target();
    new Rasteriser(WIDTH, HEIGHT).render(sceneOf(parts), camera, fresh);
    const used = new Rasteriser(WIDTH, HEIGHT);
    const out = target();
    for (let i = 0; i < 5; i++) used.render(sceneOf(randomParts(createRng(i))), camera, out);
    used.render(sceneOf(parts), camera, out);
    expect(same(out, fresh)).toBe(true);
  });

  test('a frame allocates nothing', () => {
    const scene = sceneOf(randomParts(createRng(5)));
    const camera = cameraAt([0.6, 0, 0.1], [0.4, 0, 0.05]);
    const out = target();
    const rasteriser = new Rasteriser(WIDTH, HEIGHT);
    const draw = (frames: number): void => {
      for (let i = 0; i < frames; i++) rasteriser.render(scene, camera, out);
    };
    draw(2000);
    const perFrame = Array.from({ length: 4 }, () => {
      global.gc?.();
      const before = process.memoryUsage().heapUsed;
      draw(500);
      return (process.memoryUsage().heapUsed - before) / 500;
    });
    // One number for each of the hundred triangles would be 1,600 bytes.
    expect(Math.min(...perFrame)).toBeLessThan(300);
  });
});

/** A square far larger than the view, cut into triangles over jittered corners. */
function gridMesh(rng: Rng, cells: number): Mesh {
  const corners: number[] = [];
  for (let r = 0; r <= cells; r++) {
    for (let c = 0; c <= cells; c++) {
      corners.push((c + rng.range(-0.3, 0.3)) / cells - 0.5, (r + rng.range(-0.3, 0.3)) / cells - 0.5, 0);
    }
  }
  const index: number[] = [];
  for (let r = 0; r < cells; r++) {
    for (let c = 0; c < cells; c++) {
      const i = r * (cells + 1) + c;
      index.push(i, i + 1, i + cells + 2, i, i + cells + 2, i + cells + 1);
    }
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(Float32Array.from(corners), 3));
  geometry.setIndex(index);
  const mesh = new Mesh(geometry, new MeshLambertMaterial());
  mesh.userData.label = 5;
  return mesh;
}
