import { describe, expect, test } from 'vitest';
import type { Vector3 } from '../../contracts/index.ts';
import { drawWorld, LIGHT, photograph, SIZE, type World } from '../../test/support/drawn_world.ts';
import { castRay, pixelRay, type RayHit } from '../../test/support/ray_caster.ts';
import type { SurfaceTexture } from '../scene.ts';
import type { PinholeCamera } from './pinhole.ts';

/** Calls `look` with what the ray of every pixel of a picture hits. */
function eachPixel(world: World, camera: PinholeCamera, look: (pixel: number, hit: RayHit | null) => void): void {
  for (let i = 0; i < SIZE.width * SIZE.height; i++) {
    const { origin, direction } = pixelRay(camera, i % SIZE.width, Math.floor(i / SIZE.width));
    look(i, castRay(world.solids, origin, direction, camera.near_m));
  }
}

describe('pictures of tasks against rays through the exact shapes', () => {
  test.each(['overview', 'wrist'] as const)('%s: labels on 995 of 1000 pixels, depth within a millimetre', (name) => {
    let [pixels, wrong, seen, off] = [0, 0, 0, 0];
    for (let seed = 0; seed < 4; seed++) {
      const world = drawWorld(seed, seed % 2 === 1);
      const { out, camera } = photograph(world, name);
      eachPixel(world, camera, (i, hit) => {
        pixels++;
        if (out.segmentation[i] !== (hit?.solid.label ?? 0)) wrong++;
        else if (hit !== null) {
          seen++;
          if (Math.abs(out.depth[i] - hit.t) > 1e-3) off++;
          else if (hit.solid.shape.type === 'box' && Math.abs(out.depth[i] - hit.t) > 1e-6 && hit.cosine > 0.05) {
            expect.fail(`seed ${seed} pixel ${i}: box at ${hit.t} m drawn at ${out.depth[i]} m`);
          }
        }
      });
    }
    process.stdout.write(
      `${name}: labels differ on ${wrong} of ${pixels} pixels, depth by over 1 mm on ${off} of ${seen}\n`,
    );
    expect(seen).toBeGreaterThan(pixels / 3);
    expect(wrong / pixels).toBeLessThan(0.005);
    expect(off / seen).toBeLessThan(0.001);
  });
});

/** sRGB of albedo in a light, both linear. */
function encode(linear: number): number {
  const value = Math.min(1, linear);
  return 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
}

const decode = (srgb: number): number => (srgb <= 0.04045 ? srgb / 12.92 : ((srgb + 0.055) / 1.055) ** 2.4);

/** Share of a texture's colour at a point just under a surface, null for noise. */
function share(texture: SurfaceTexture, { local, normal, solid }: RayHit): number | null {
  const { R } = solid;
  const under = local.map(
    (x, k) => x - 1e-4 * (R[k] * normal[0] + R[3 + k] * normal[1] + R[6 + k] * normal[2]) - texture.offset_m[k],
  );
  const half = (x: number): number => Math.floor((2 * x) / texture.scale_m);
  if (texture.kind === 'noise') return null;
  if (texture.kind === 'spot') return Math.hypot(...under) <= texture.scale_m ? 1 : 0;
  const cells = texture.kind === 'stripes' ? half(under[0]) : half(under[0]) + half(under[1]) + half(under[2]);
  return Math.abs(cells % 2);
}

const SUNS = [
  { from: LIGHT.key_direction, strength: 0.75 * LIGHT.key },
  { from: [-0.6, 1, 0.5], strength: 0.2 * LIGHT.ambient },
];

/** What a flat surface should look like, sRGB 0 to 255; null where this does not say. */
function expectedColour(hit: RayHit, shaded: boolean): number[] | null {
  const { solid, normal } = hit;
  const mix = solid.texture === undefined ? 0 : share(solid.texture, hit);
  if (mix === null || solid.shape.type === 'cylinder' || solid.shape.type === 'sphere') return null;
  return [0, 1, 2].map((k) => {
    const paint = decode(solid.rgb[k]);
    const over = decode(solid.texture?.rgb[k] ?? 0);
    const albedo = paint + (solid.texture?.strength ?? 0) * mix * (over - paint);
    let light = 0.3 * LIGHT.ambient;
    SUNS.forEach(({ from, strength }, i) => {
      const cosine = (from[0] * normal[0] + from[1] * normal[1] + from[2] * normal[2]) / Math.hypot(...from);
      if (cosine > 0 && !(i === 0 && shaded)) light += strength * cosine;
    });
    return encode(light * decode(LIGHT.rgb[k]) * albedo);
  });
}

describe('colours', () => {
  test('of flat faces are those of their pattern in the light, and in shadow where a ray to the sun is stopped', () => {
    let [pixels, right, inShadow, shadowRight] = [0, 0, 0, 0];
    for (const seed of [1, 4]) {
      const world = drawWorld(seed, true);
      const { out, camera } = photograph(world, 'overview');
      eachPixel(world, camera, (i, hit) => {
        if (hit === null || out.segmentation[i] !== hit.solid.label) return;
        const { origin, direction } = pixelRay(camera, i % SIZE.width, Math.floor(i / SIZE.width));
        const at = (k: number): number => origin[k] + hit.t * direction[k] + 1e-6 * hit.normal[k];
        const point: Vector3 = [at(0), at(1), at(2)];
        const shaded = castRay(world.solids, point, LIGHT.key_direction) !== null;
        const expected = expectedColour(hit, shaded);
        if (expected === null) return;
        const same = expected.every((value, k) => Math.abs(value - out.rgb[3 * i + k]) <= 2);
        pixels++;
        if (same) right++;
        if (!shaded) return;
        inShadow++;
        if (same) shadowRight++;
      });
    }
    process.stdout.write(`colours agree on ${right} of ${pixels} pixels, on ${shadowRight} of ${inShadow} in shadow\n`);
    expect(inShadow).toBeGreaterThan(300);
    expect(right / pixels).toBeGreaterThan(0.97);
    expect(shadowRight / inShadow).toBeGreaterThan(0.85);
  });
});
