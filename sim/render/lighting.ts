import type { Color, Object3D, Scene, Vector3 } from 'three';

const MAX_LIGHTS = 4;

type Light = Object3D & { readonly color: Color; readonly intensity: number };
type SunLight = Light & {
  readonly target: { readonly position: Vector3 };
  readonly shadow: {
    readonly mapSize: { readonly x: number; readonly y: number };
    readonly camera: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
  };
};

/**
 * Flat Lambert shading in linear light by the AmbientLight and DirectionalLights of a scene, at most 4:
 * albedo · (ambient + Σ intensity · max(0, n·l)).
 */
export class Lighting {
  /** Background (3) and ambient light (3), linear. */
  readonly background = new Float64Array(3);
  readonly ambient = new Float64Array(3);
  /** Per light: unit direction towards it (3), colour times intensity (3). */
  readonly lights = new Float64Array(6 * MAX_LIGHTS);
  lightCount = 0;
  /** The first light that casts shadows, its number among the lights; null and −1 for none. */
  sun: SunLight | null = null;
  sunNumber = -1;

  /** Forgets the last scene's lights and takes this one's background. */
  reset(scene: Scene): void {
    const { background } = scene;
    this.background.fill(0);
    if (background !== null && 'isColor' in background) {
      this.background[0] = background.r;
      this.background[1] = background.g;
      this.background[2] = background.b;
    }
    this.ambient.fill(0);
    this.lightCount = 0;
    this.sun = null;
    this.sunNumber = -1;
  }

  /** Takes the object's light if it is one; world matrices must be up to date. */
  add(object: Object3D): void {
    if (isAmbientLight(object)) {
      this.ambient[0] += object.color.r * object.intensity;
      this.ambient[1] += object.color.g * object.intensity;
      this.ambient[2] += object.color.b * object.intensity;
    } else if (isDirectionalLight(object) && this.lightCount < MAX_LIGHTS) {
      if (this.sun === null && object.castShadow) {
        this.sun = object;
        this.sunNumber = this.lightCount;
      }
      const o = 6 * this.lightCount++;
      const from = object.matrixWorld.elements;
      const to = object.target.position;
      const dx = from[12] - to.x;
      const dy = from[13] - to.y;
      const dz = from[14] - to.z;
      const scale = 1 / Math.sqrt(dx * dx + dy * dy + dz * dz);
      this.lights[o] = dx * scale;
      this.lights[o + 1] = dy * scale;
      this.lights[o + 2] = dz * scale;
      this.lights[o + 3] = object.color.r * object.intensity;
      this.lights[o + 4] = object.color.g * object.intensity;
      this.lights[o + 5] = object.color.b * object.intensity;
    }
  }

  /** sRGB of the background into an entry of the palette. */
  paintBackground(palette: Uint8Array, entry: number): void {
    for (let k = 0; k < 3; k++) palette[3 * entry + k] = encode(this.background[k]);
  }

  /**
   * Light that face f of a mesh sends back, as a share of its albedo, linear: with the sun into `lit` and in its shadow
   * into `dark`, 3 each at `offset`. Returns the cosine between the face's normal and the sun, 0 where there is none.
   * @param normals  the mesh's, 3 a face
   * @param G  row-major 3×3 at `at`, turns the normals to the world, up to their length
   */
  shadeFace(
    normals: Float64Array,
    f: number,
    G: Float64Array,
    at: number,
    lit: Float64Array,
    dark: Float64Array,
    offset: number,
  ): number {
    const { lights, ambient } = this;
    const a = normals[3 * f];
    const b = normals[3 * f + 1];
    const c = normals[3 * f + 2];
    const nx = G[at] * a + G[at + 1] * b + G[at + 2] * c;
    const ny = G[at + 3] * a + G[at + 4] * b + G[at + 5] * c;
    const nz = G[at + 6] * a + G[at + 7] * b + G[at + 8] * c;
    const scale = 1 / Math.sqrt(nx * nx + ny * ny + nz * nz);
    const sun = 6 * this.sunNumber;
    let towards = 0;
    let red = ambient[0];
    let green = ambient[1];
    let blue = ambient[2];
    let darkRed = red;
    let darkGreen = green;
    let darkBlue = blue;
    for (let l = 0; l < 6 * this.lightCount; l += 6) {
      const cosine = (nx * lights[l] + ny * lights[l + 1] + nz * lights[l + 2]) * scale;
      if (cosine <= 0) continue;
      red += cosine * lights[l + 3];
      green += cosine * lights[l + 4];
      blue += cosine * lights[l + 5];
      if (l === sun) {
        towards = cosine;
        continue;
      }
      darkRed += cosine * lights[l + 3];
      darkGreen += cosine * lights[l + 4];
      darkBlue += cosine * lights[l + 5];
    }
    lit[offset] = red;
    lit[offset + 1] = green;
    lit[offset + 2] = blue;
    dark[offset] = darkRed;
    dark[offset + 1] = darkGreen;
    dark[offset + 2] = darkBlue;
    return towards;
  }

  /** sRGB of an albedo in a light, 3 at `offset`, into entry `entry` of a palette. */
  paint(light: Float64Array, offset: number, albedo: Color, palette: Uint8Array, entry: number): void {
    palette[3 * entry] = encode(light[offset] * albedo.r);
    palette[3 * entry + 1] = encode(light[offset + 1] * albedo.g);
    palette[3 * entry + 2] = encode(light[offset + 2] * albedo.b);
  }
}

/** sRGB transfer curve (IEC 61966-2-1) by linear value in 4095ths. */
export const SRGB = Uint8Array.from({ length: 4096 }, (_, i) => {
  const linear = i / 4095;
  return Math.round(255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055));
});

/** sRGB of a linear value. */
export function encode(linear: number): number {
  return SRGB[Math.min(4095, (linear * 4095 + 0.5) | 0)];
}

function isAmbientLight(object: Object3D): object is Light {
  return 'isAmbientLight' in object;
}

function isDirectionalLight(object: Object3D): object is SunLight {
  return 'isDirectionalLight' in object;
}
