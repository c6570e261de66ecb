import { AmbientLight, Color, DirectionalLight, Group, type Mesh, Scene, SRGBColorSpace } from 'three';
import {
  type CameraInfo,
  COLOURS,
  type Colour,
  OBJECT_CLASSES,
  type ObjectClass,
  type Rng,
  type Shape,
  type Vector3,
} from '../../contracts/index.ts';
import { forwardKinematics, RobotData, type RobotModel } from '../../dynamics/index.ts';
import { type RgbdFrame, VISION_CLASSES } from '../../perception/index.ts';
import {
  addColourNoise,
  addDepthNoise,
  buildDiscMesh,
  buildShapeMesh,
  CAMERA_SPECS,
  createRenderTarget,
  inObjectSet,
  intrinsics,
  LABEL,
  lookAt,
  NOMINAL_RGB,
  type ObjectSet,
  PICK_PLACE,
  Rasteriser,
  RGBD_NOISE,
} from '../../sim/index.ts';

/** An object as it was drawn; pose of its centre, frame world. */
export interface SceneTruth {
  readonly class: ObjectClass;
  readonly colour: Colour;
  readonly shape: Shape;
  readonly position: Vector3;
  readonly yaw_rad: number;
  /** Pixels seen, and share of those that would be seen without anything before it. */
  readonly pixels: number;
  readonly visible: number;
}

export interface VisionScene {
  readonly frame: RgbdFrame;
  /** Index into VISION_CLASSES of every pixel, row-major. */
  readonly labels: Uint8Array;
  /** Of every pixel: number of its object in the order of drawing, or −1. */
  readonly instances: Int16Array;
  readonly objects: readonly SceneTruth[];
}

/** How far scenes stray from the task's: `task` draws as the task does, `wide` varies light, paint, sizes, places and camera. */
export type SceneVariation = 'task' | 'wide';

export interface SceneOptions {
  readonly variation: SceneVariation;
  /** The arm that stands in the picture; null for none. */
  readonly robot: RobotModel | null;
  /** Joint positions of the arm, nq; drawn at random when left out. */
  readonly robot_q?: Float64Array;
  readonly objects?: readonly [number, number];
  /** Objects of other sets are drawn anew. Default `all`. */
  readonly object_set?: ObjectSet;
  /** False leaves `objects` empty and saves drawing each of them alone. Default true. */
  readonly truth?: boolean;
}

interface Placed {
  readonly class: ObjectClass;
  readonly colour: Colour;
  readonly shape: Shape;
  readonly x: number;
  readonly y: number;
  readonly yaw: number;
  readonly mesh: Mesh;
}

const OVERVIEW = CAMERA_SPECS.overview;

/** Draws random scenes through the overview camera. One generator serves any number of scenes. */
export class SceneGenerator {
  private readonly rasteriser = new Rasteriser(OVERVIEW.width, OVERVIEW.height);
  private readonly target = createRenderTarget(OVERVIEW.width, OVERVIEW.height);
  private readonly alone = createRenderTarget(OVERVIEW.width, OVERVIEW.height);

  /** The same stream and options give the same scene. */
  draw(rng: Rng, options: SceneOptions, request_id = 'scene/0'): VisionScene {
    const wide = options.variation === 'wide';
    const scene = new Scene();
    light(scene, rng.stream('light'), wide);
    furnish(scene, rng.stream('room'), wide);
    const placed = placeObjects(scene, rng.stream('objects'), options);
    const others = new Group();
    scene.add(others);
    if (options.robot !== null) addRobot(others, options.robot, options.robot_q, rng.stream('robot'), wide);
    if (wide) addClutter(others, rng.stream('clutter'));
    const camera = {
      K: intrinsics(OVERVIEW.width, OVERVIEW.height, OVERVIEW.horizontal_fov_rad),
      T_world_camera_optical: viewpoint(rng.stream('camera'), wide),
      near_m: OVERVIEW.near_m,
      far_m: OVERVIEW.far_m,
    };
    this.rasteriser.render(scene, camera, this.target);
    const objects = options.truth === false ? [] : placed.map((object, i) => this.truthOf(scene, camera, object, i));
    return {
      frame: this.capture(rng.stream('noise'), camera, request_id),
      labels: labelsOf(this.target.segmentation, placed),
      instances: instancesOf(this.target.segmentation),
      objects,
    };
  }

  private truthOf(scene: Scene, camera: Parameters<Rasteriser['render']>[1], object: Placed, i: number): SceneTruth {
    const label = LABEL.object0 + i;
    const pixels = count(this.target.segmentation, label);
    const only = new Scene();
    const parent = object.mesh.parent;
    only.add(object.mesh);
    this.rasteriser.render(only, camera, this.alone);
    (parent ?? scene).add(object.mesh);
    const whole = count(this.alone.segmentation, label);
    const height = heightOf(object.shape);
    return {
      class: object.class,
      colour: object.colour,
      shape: object.shape,
      position: [object.x, object.y, height / 2],
      yaw_rad: object.yaw,
      pixels,
      visible: whole === 0 ? 0 : pixels / whole,
    };
  }

  private capture(
    rng: Rng,
    camera: { readonly K: readonly number[]; readonly T_world_camera_optical: readonly number[] },
    request_id: string,
  ): RgbdFrame {
    const { width, height, frame_id } = OVERVIEW;
    const rgb = new Uint8Array(3 * width * height);
    const depth = new Float32Array(width * height);
    addColourNoise(this.target.rgb, width, RGBD_NOISE, rng, rgb);
    addDepthNoise(this.target.depth, width, RGBD_NOISE, rng, depth);
    const stamp_ns = 0n;
    const info: CameraInfo = {
      stamp_ns,
      frame_id,
      name: OVERVIEW.name,
      width,
      height,
      K: camera.K,
      D: [0, 0, 0, 0, 0],
      distortion_model: 'plumb_bob',
      T_world_camera_optical: camera.T_world_camera_optical,
    };
    return {
      request_id,
      colour: { stamp_ns, frame_id, width, height, data: rgb },
      depth: { stamp_ns, frame_id, width, height, data: depth },
      info,
    };
  }
}

function light(scene: Scene, rng: Rng, wide: boolean): void {
  const key = new DirectionalLight(0xffffff, wide ? rng.range(0.4, 1) : 0.75);
  const fill = new DirectionalLight(0xffffff, wide ? rng.range(0, 0.35) : 0.2);
  key.position.set(
    wide ? rng.range(-1.2, 1.2) : 0.8,
    wide ? rng.range(-1.2, 1.2) : -0.9,
    wide ? rng.range(0.8, 2) : 1.6,
  );
  fill.position.set(wide ? rng.range(-1, 1) : -0.6, wide ? rng.range(-1, 1) : 1, 0.5);
  const ambient = new AmbientLight(0xffffff, wide ? rng.range(0.15, 0.5) : 0.3);
  if (wide) for (const lamp of [key, fill, ambient]) lamp.color.setRGB(1, rng.range(0.88, 1), rng.range(0.8, 1));
  scene.add(key, fill, ambient);
}

function furnish(scene: Scene, rng: Rng, wide: boolean): void {
  scene.background = new Color().setRGB(
    ...grey(rng, wide ? [0.2, 0.9] : [0.58, 0.62], wide ? 0.08 : 0.02),
    SRGBColorSpace,
  );
  const floor = buildShapeMesh(
    { type: 'box', size: [6, 6, 0.02] },
    grey(rng, wide ? [0.15, 0.8] : [0.36, 0.4], wide ? 0.06 : 0.01),
    LABEL.background,
  );
  floor.position.set(0.5, 0, -0.76);
  const pedestal = buildShapeMesh(
    { type: 'box', size: [0.22, 0.22, 0.75] },
    grey(rng, wide ? [0.15, 0.6] : [0.27, 0.3], 0.01),
    LABEL.background,
  );
  pedestal.position.set(-0.03, 0, -0.375);
  const shade = wide ? rng.range(0.55, 1.2) : rng.range(0.92, 1.05);
  const warmth = wide ? rng.range(0, 1.3) : 1;
  const table = buildShapeMesh(
    { type: 'box', size: [0.8, 1.2, 0.05] },
    [shade * 0.76, shade * (0.76 - 0.04 * warmth), shade * (0.76 - 0.11 * warmth)],
    LABEL.table,
  );
  table.position.set(0.55, 0, -0.025);
  const zone = buildDiscMesh(
    PICK_PLACE.zone_radius,
    wide ? grey(rng, [0.75, 1], 0.04) : [0.94, 0.95, 0.96],
    LABEL.table,
  );
  zone.position.set(rng.range(...PICK_PLACE.x), rng.range(...PICK_PLACE.y), 1e-4);
  scene.add(floor, pedestal, table, zone);
}

function grey(rng: Rng, level: readonly [number, number], spread: number): Vector3 {
  const base = rng.range(...level);
  return [base + rng.range(-spread, spread), base + rng.range(-spread, spread), base + rng.range(-spread, spread)];
}

function placeObjects(scene: Scene, rng: Rng, { variation, objects, object_set = 'all' }: SceneOptions): Placed[] {
  const wide = variation === 'wide';
  const [fewest, most] = objects ?? [1, wide ? 6 : 4];
  const wanted = fewest + rng.int(most - fewest + 1);
  const clearance = wide ? 0.012 : PICK_PLACE.clearance;
  const margin = wide ? 0.06 : 0;
  const placed: (Placed & { radius: number })[] = [];
  for (let attempt = 0; attempt < 60 && placed.length < wanted; attempt++) {
    const kind = OBJECT_CLASSES[rng.int(2)];
    const colour = COLOURS[rng.int(COLOURS.length)];
    const edge = (): number => (wide ? rng.range(0.026, 0.066) : rng.range(...PICK_PLACE.edge));
    const shape: Shape =
      kind === 'box'
        ? { type: 'box', size: [edge(), edge(), edge()] }
        : { type: 'cylinder', radius: edge() / 2, length: edge() };
    if (!inObjectSet({ class: kind, colour, shape }, object_set)) continue;
    const radius = shape.type === 'box' ? Math.hypot(shape.size[0], shape.size[1]) / 2 : shape.radius;
    const x = rng.range(PICK_PLACE.x[0] - margin, PICK_PLACE.x[1] + margin);
    const y = rng.range(PICK_PLACE.y[0] - margin, PICK_PLACE.y[1] + margin);
    if (placed.some((other) => Math.hypot(other.x - x, other.y - y) < other.radius + radius + clearance)) continue;
    const yaw = rng.range(-Math.PI, Math.PI);
    const jitter = wide ? 0.05 : 0.02;
    const [r, g, b] = NOMINAL_RGB[colour];
    const brightness = wide ? rng.range(0.75, 1.08) : rng.range(0.9, 1.05);
    const paint = (value: number): number => Math.min(1, Math.max(0, value * brightness + rng.range(-jitter, jitter)));
    const mesh = buildShapeMesh(shape, [paint(r), paint(g), paint(b)], LABEL.object0 + placed.length);
    mesh.position.set(x, y, heightOf(shape) / 2);
    mesh.rotation.set(0, 0, yaw);
    scene.add(mesh);
    placed.push({ class: kind, colour, shape, x, y, yaw, mesh, radius });
  }
  return placed;
}

/** The arm's visuals at given joint positions, or at random ones of which most are near a grasping posture. */
function addRobot(scene: Group, robot: RobotModel, given: Float64Array | undefined, rng: Rng, wide: boolean): void {
  const data = new RobotData(robot);
  forwardKinematics(robot, data, given ?? drawPosture(robot, rng));
  const bodies = Array.from({ length: robot.nb }, (_, b) => {
    const group = new Group();
    place(group, data.R, 9 * b, data.p, 3 * b);
    scene.add(group);
    return group;
  });
  const tint = wide ? rng.range(0.6, 1.05) : 1;
  for (const part of robot.visual) {
    const [r, g, b] = part.rgba;
    const mesh = buildShapeMesh(part.shape, [r * tint, g * tint, b * tint], LABEL.robot);
    const { R, p } = part;
    const holder = new Group();
    place(holder, R, 0, p, 0);
    holder.add(mesh);
    (part.body < 0 ? scene : bodies[part.body]).add(holder);
  }
}

function place(group: Group, R: ArrayLike<number>, r: number, p: ArrayLike<number>, o: number): void {
  group.matrixAutoUpdate = false;
  group.matrix.set(
    R[r],
    R[r + 1],
    R[r + 2],
    p[o],
    R[r + 3],
    R[r + 4],
    R[r + 5],
    p[o + 1],
    R[r + 6],
    R[r + 7],
    R[r + 8],
    p[o + 2],
    0,
    0,
    0,
    1,
  );
}

/** About a posture with the hand over the table, of a 7-joint arm with a gripper; other arms uniformly in their limits. */
const REACH = [0, 0.1, 0, -2.3, 0, 2.4, 0.785];
const REACH_SPREAD = [0.5, 0.45, 0.25, 0.4, 0.25, 0.35, 0.9];

function drawPosture(robot: RobotModel, rng: Rng): Float64Array {
  const free = rng.uniform() < 0.2;
  return Float64Array.from({ length: robot.nq }, (_, i) => {
    const low = Math.max(robot.position_lower[i], -Math.PI);
    const high = Math.min(robot.position_upper[i], Math.PI);
    if (free || i >= REACH.length || robot.nq < REACH.length) return rng.range(low, high);
    return Math.min(high, Math.max(low, REACH[i] + REACH_SPREAD[i] * rng.normal()));
  });
}

/** Grey and white boxes and cylinders hanging over the table: links of arms unlike ours, labelled robot. */
function addClutter(scene: Group, rng: Rng): void {
  if (rng.uniform() < 0.5) return;
  const parts = 1 + rng.int(3);
  for (let i = 0; i < parts; i++) {
    const shape: Shape =
      rng.uniform() < 0.5
        ? { type: 'box', size: [rng.range(0.02, 0.12), rng.range(0.02, 0.12), rng.range(0.04, 0.25)] }
        : { type: 'cylinder', radius: rng.range(0.01, 0.06), length: rng.range(0.05, 0.3) };
    const mesh = buildShapeMesh(shape, grey(rng, rng.uniform() < 0.7 ? [0.6, 1] : [0.05, 0.5], 0.02), LABEL.robot);
    mesh.position.set(rng.range(0.2, 0.7), rng.range(-0.35, 0.35), rng.range(0.12, 0.4));
    mesh.rotation.set(rng.range(-0.6, 0.6), rng.range(-0.6, 0.6), rng.range(-Math.PI, Math.PI));
    scene.add(mesh);
  }
}

function viewpoint(rng: Rng, wide: boolean): number[] {
  const j = wide ? 0.03 : 0;
  return lookAt(
    [0.95 + rng.range(-j, j), rng.range(-j, j), 0.69 + rng.range(-j, j)],
    [0.55 + rng.range(-j, j), rng.range(-j, j), 0],
    [rng.range(-j, j), rng.range(-j, j), 1],
  );
}

function labelsOf(segmentation: Uint16Array, placed: readonly Placed[]): Uint8Array {
  const ofObject = placed.map((object) => VISION_CLASSES.indexOf(object.class));
  const labels = new Uint8Array(segmentation.length);
  for (let i = 0; i < labels.length; i++) {
    const label = segmentation[i];
    labels[i] = label >= LABEL.object0 ? ofObject[label - LABEL.object0] : label;
  }
  return labels;
}

/** Number of the object in every pixel of a picture of labels, −1 where there is none. */
export function instancesOf(segmentation: Uint16Array): Int16Array {
  const instances = new Int16Array(segmentation.length);
  for (let i = 0; i < instances.length; i++) instances[i] = Math.max(-1, segmentation[i] - LABEL.object0);
  return instances;
}

function heightOf(shape: Shape): number {
  return shape.type === 'box' ? shape.size[2] : shape.type === 'cylinder' ? shape.length : 2 * shape.radius;
}

function count(labels: Uint16Array, label: number): number {
  let n = 0;
  for (const value of labels) if (value === label) n++;
  return n;
}
