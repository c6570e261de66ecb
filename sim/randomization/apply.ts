import { meshBounds, type Vector3 } from '../../contracts/index.ts';
import type { Disturbance } from '../disturbance/record.ts';
import { objectInertia } from '../object_inertia.ts';
import type { SceneFixture, SceneLight, SceneModel, SceneObject, SceneZone, SurfaceTexture } from '../scene.ts';
import type { ObjectRandomization, PatternRandomization, Randomization, ResetRandomization } from './record.ts';
import { resize, spread } from './resize.ts';

/** Light where a scene says nothing. */
const NOMINAL_LIGHT: SceneLight = { key_direction: [0.8, -0.9, 1.6], key: 1, ambient: 1, rgb: [1, 1, 1] };
/** A pattern's colour is the paint times this: the hue, which names an object's colour, stays. */
const PATTERN_SHADE = 0.45;
/** The key light stays this far above the horizon at least, and beside the zenith, rad. */
const ELEVATION = [0.35, 1.5] as const;

/**
 * The scene as a record says it differs from the one that was drawn; the same scene at `none`.
 * @param touching  whether objects were scaled across by one factor and keep touching
 */
export function randomizeScene(change: Randomization, scene: SceneModel, touching: boolean): SceneModel {
  const { table_texture: texture, patch } = change.disturbance ?? {};
  const drawn = randomized(change, scene, touching);
  const zones = patch === undefined ? drawn.zones : [...drawn.zones, square(patch)];
  const table = texture === undefined ? drawn.table : { ...drawn.table, texture };
  return texture === undefined && patch === undefined ? drawn : { ...drawn, table, zones };
}

function square({ position, size_m, rgb }: NonNullable<Disturbance['patch']>): SceneZone {
  return { position, size_m: [size_m, size_m], rgb };
}

function randomized({ level, reset }: Randomization, scene: SceneModel, touching: boolean): SceneModel {
  if (level === 'none') return scene;
  const { objects } = scene;
  const placed = touching && objects.length > 0 ? spread(objects, reset.objects[0].size_scale[0]) : objects;
  return {
    ...scene,
    table: randomTable(scene.table, reset.table),
    objects: placed.map((object, i) => randomObject(object, reset.objects[i])),
    finger_friction: scene.finger_friction * reset.finger_friction_scale,
    light: litBy(scene.light, reset.light),
  };
}

function randomObject(object: SceneObject, drawn: ObjectRandomization): SceneObject {
  const resized = resize(object, drawn.size_scale);
  const inertia = resized.inertia_kg_m2;
  const rgb = repaint(object.rgb, drawn.brightness_scale, drawn.grey_share);
  // A spot keeps its contrast to the paint, which is what the inspection is about.
  const repainted = object.texture === undefined ? { rgb, texture: patternOver(rgb, drawn) } : {};
  return {
    ...resized,
    ...repainted,
    mass_kg: object.mass_kg * drawn.mass_scale,
    friction: object.friction * drawn.friction_scale,
    com_m: offsetInside(resized, drawn.com_offset_share),
    ...(inertia === undefined ? {} : { inertia_kg_m2: inertia.map((x) => x * drawn.mass_scale) }),
  };
}

function randomTable(table: SceneFixture, drawn: ResetRandomization['table']): SceneFixture {
  const rgb = clamped(table.rgb.map((channel, k) => channel * drawn.paint_scale[k]));
  const friction = table.friction * drawn.friction_scale;
  return { ...table, rgb, friction, texture: patternOver(rgb, drawn) };
}

/** A scene's light turned and changed as drawn. */
export function litBy(light: SceneLight | undefined, drawn: ResetRandomization['light']): SceneLight {
  return randomLight(light ?? NOMINAL_LIGHT, drawn);
}

function randomLight(light: SceneLight, drawn: ResetRandomization['light']): SceneLight {
  const [x, y, z] = light.key_direction;
  const azimuth = Math.atan2(y, x) + drawn.azimuth_rad;
  const [lowest, highest] = ELEVATION;
  const elevation = Math.min(highest, Math.max(lowest, Math.atan2(z, Math.hypot(x, y)) + drawn.elevation_rad));
  const across = Math.cos(elevation);
  return {
    key_direction: [across * Math.cos(azimuth), across * Math.sin(azimuth), Math.sin(elevation)],
    key: light.key * drawn.key_scale,
    ambient: light.ambient * drawn.ambient_scale,
    rgb: [
      light.rgb[0] * drawn.light_rgb_scale[0],
      light.rgb[1] * drawn.light_rgb_scale[1],
      light.rgb[2] * drawn.light_rgb_scale[2],
    ],
  };
}

/** Mixes grey in and scales; no channel is cut off, so the hue stays. */
function repaint(rgb: Vector3, brightness: number, grey_share: number): Vector3 {
  const grey = (rgb[0] + rgb[1] + rgb[2]) / 3;
  const mixed = rgb.map((channel) => channel + grey_share * (grey - channel));
  const factor = Math.min(brightness, 1 / Math.max(...mixed));
  return clamped(mixed.map((channel) => channel * factor));
}

function patternOver(rgb: Vector3, drawn: PatternRandomization): SurfaceTexture {
  return {
    kind: drawn.pattern,
    rgb: clamped(rgb.map((channel) => channel * PATTERN_SHADE)),
    scale_m: drawn.pattern_scale_m,
    offset_m: drawn.pattern_offset_m,
    strength: drawn.pattern_strength,
  };
}

function clamped([r, g, b]: readonly number[]): Vector3 {
  const within = (value: number): number => Math.min(1, Math.max(0, value));
  return [within(r), within(g), within(b)];
}

/** The object's centre of mass moved by shares of its half sizes, shape's frame, m. */
function offsetInside(object: SceneObject, share: Vector3): Vector3 {
  const { com } = objectInertia(object);
  const half = halfSizes(object.shape);
  return [com[0] + share[0] * half[0], com[1] + share[1] * half[1], com[2] + share[2] * half[2]];
}

function halfSizes(shape: SceneObject['shape']): Vector3 {
  switch (shape.type) {
    case 'box':
      return [shape.size[0] / 2, shape.size[1] / 2, shape.size[2] / 2];
    case 'cylinder':
      return [shape.radius, shape.radius, shape.length / 2];
    case 'sphere':
      return [shape.radius, shape.radius, shape.radius];
    case 'mesh': {
      const { lower, upper } = meshBounds(shape);
      return [(upper[0] - lower[0]) / 2, (upper[1] - lower[1]) / 2, (upper[2] - lower[2]) / 2];
    }
  }
}
