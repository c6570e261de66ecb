import type { CameraName, Rng } from '../../contracts/index.ts';
import { FrameViewer, type RgbdFrame, VISION_CLASSES } from '../../perception/index.ts';
import { drawOpticalFault, OPTICAL_FAULTS, type OpticalFaultKind, RGBD_NOISE, throughFault } from '../../sim/index.ts';
import { UNKNOWN_KINDS, type UnknownKind, withUnknown } from './unknown_objects.ts';
import type { WorldGenerator, WorldOptions, WorldPicture } from './worlds.ts';

/** Between two pictures of a camera. */
const PERIOD_NS = 100_000_000n;
/** From exposure to the detector with nominal latencies, s. */
const CAMERA_AND_STACK_S = 0.05;
/** Glare counts from this share of pixels on that it changes by so much, of 255. */
const LEAST_CHANGED = 0.05;
const CHANGE = 40;
/** Height of the camera over the table (m), and z of its axis. */
const LEAST_HEIGHT_M = 0.15;
const MOST_UPWARDS = -0.5;
/** An unknown object of which less is seen cannot be told from one that is hidden. */
const LEAST_PIXELS = 150;
/** Room about the place of an unknown object, m, and the share of it that must be bare table. */
const ROOM_M = 0.045;
const BARE = 0.93;
const PLANE_M = 0.012;
const TRIES = 300;
const BORDER_PX = 12;
const TABLE = VISION_CLASSES.indexOf('table');

/** Everything that can be wrong with a picture, as it is drawn here. */
export const DRAWN_FAULTS = [...OPTICAL_FAULTS, 'unknown_object', 'stuck', 'stuck_colour', 'delayed'] as const;
export type DrawnFault = (typeof DRAWN_FAULTS)[number];

/** One picture of a camera, with the one before it. */
export interface FaultyPicture {
  /** Null for a picture with which nothing is wrong. */
  readonly fault: DrawnFault | null;
  readonly camera: CameraName;
  readonly before: RgbdFrame;
  readonly frame: RgbdFrame;
  /** From exposure to the moment of looking, s. */
  readonly age_s: number;
  readonly unknown: UnknownKind | null;
}

type World = Omit<WorldOptions, 'cameras' | 'add' | 'stamp_ns' | 'truth'>;

/** What the camera and the stack take, s; up to 10 ms more for a stage that looks at its next turn. */
function usualAge(perturbation: WorldPicture['perturbation'], rng: Rng): number {
  return CAMERA_AND_STACK_S + perturbation.latency_s + rng.range(0, 0.01);
}

/** A world's picture with which nothing is wrong. @param two  whether the picture before it is drawn, too */
export function drawSound(
  generator: WorldGenerator,
  rng: Rng,
  options: World,
  camera: CameraName,
  two: boolean,
): Omit<FaultyPicture, 'before'> & { readonly before: RgbdFrame | null } {
  const { world, second } = usableWorld(generator, rng, options, camera);
  const before = two ? generator.draw(rng, world)[0].frame : null;
  const { frame, perturbation } = second;
  return { fault: null, camera, before, frame, age_s: usualAge(perturbation, rng.stream('age')), unknown: null };
}

/**
 * Draws a world and gives its pictures: two in a row with which nothing is wrong, and one for every fault, each drawn anew.
 * Frames may be shared between them. An unknown object is left out where no place for one is in view.
 */
export function drawFaultyPictures(
  generator: WorldGenerator,
  rng: Rng,
  options: World,
  camera: CameraName,
): FaultyPicture[] {
  const { world, second } = usableWorld(generator, rng, options, camera);
  const [first] = generator.draw(rng, world);
  const { frame: before } = first;
  const { frame, perturbation } = second;
  const age = rng.stream('age');
  const usual_s = (): number => usualAge(perturbation, age);
  const sound = { camera, before, frame, unknown: null };
  const sigma = perturbation.colour_noise_scale * RGBD_NOISE.colour_sigma;
  const pictures: FaultyPicture[] = [{ ...sound, fault: null, age_s: usual_s() }];
  for (const fault of OPTICAL_FAULTS) {
    const spoilt = { ...frame, ...spoil(fault, frame, sigma, rng.stream(fault)) };
    pictures.push({ ...sound, fault, frame: spoilt, age_s: usual_s() });
  }
  const again = {
    ...before,
    colour: { ...before.colour, stamp_ns: PERIOD_NS },
    depth: { ...before.depth, stamp_ns: PERIOD_NS },
  };
  pictures.push({ ...sound, fault: 'stuck', frame: again, age_s: usual_s() });
  pictures.push({ ...sound, fault: 'stuck_colour', frame: { ...again, depth: frame.depth }, age_s: usual_s() });
  pictures.push({ ...sound, fault: 'delayed', age_s: usual_s() + age.range(0.15, 1.5) });
  const unknown = drawUnknown(generator, rng, world, second);
  if (unknown !== null) pictures.push({ ...sound, ...unknown, fault: 'unknown_object', age_s: usual_s() });
  return pictures;
}

/** The world, with the arm at home where it would hold the camera away from the table, and its second picture. */
function usableWorld(
  generator: WorldGenerator,
  rng: Rng,
  options: World,
  camera: CameraName,
): { readonly world: WorldOptions; readonly second: WorldPicture } {
  const world: WorldOptions = { ...options, cameras: [camera], truth: false };
  const [second] = generator.draw(rng, { ...world, stamp_ns: PERIOD_NS });
  if (looksAtTable(second.frame)) return { world, second };
  const at_home = { ...world, reaching: 0 };
  return { world: at_home, second: generator.draw(rng, { ...at_home, stamp_ns: PERIOD_NS })[0] };
}

/** Draws a fault until it shows: what a bright table swallows is no fault of this picture. */
function spoil(kind: OpticalFaultKind, frame: RgbdFrame, sigma: number, rng: Rng): Pick<RgbdFrame, 'colour' | 'depth'> {
  for (let attempt = 0; ; attempt++) {
    const stream = rng.stream(`${attempt}`);
    const spoilt = throughFault(drawOpticalFault(kind, stream), frame, sigma, stream.stream('noise'));
    if (kind !== 'glare' || attempt === TRIES || changedShare(frame, spoilt) >= LEAST_CHANGED) return spoilt;
  }
}

function changedShare({ colour: before }: RgbdFrame, { colour: after }: Pick<RgbdFrame, 'colour'>): number {
  let changed = 0;
  for (let i = 0; i < after.data.length; i += 3) {
    const channels = [0, 1, 2].map((k) => Math.abs(after.data[i + k] - before.data[i + k]));
    if (Math.max(...channels) >= CHANGE) changed++;
  }
  return (3 * changed) / after.data.length;
}

/** Whether a picture can be used at all: a random posture may hold the camera of the hand into the table or away from it. */
function looksAtTable({ info }: RgbdFrame): boolean {
  const { T_world_camera_optical: T } = info;
  return T[11] > LEAST_HEIGHT_M && T[10] < MOST_UPWARDS;
}

function drawUnknown(
  generator: WorldGenerator,
  rng: Rng,
  world: WorldOptions,
  clean: WorldPicture,
): Pick<FaultyPicture, 'frame' | 'unknown'> | null {
  const stream = rng.stream('unknown');
  const spot = freeSpot(clean, stream);
  if (spot === null) return null;
  const unknown = UNKNOWN_KINDS[stream.int(UNKNOWN_KINDS.length)];
  const look = stream.stream('look');
  const [picture] = generator.draw(rng, {
    ...{ ...world, stamp_ns: PERIOD_NS },
    add: (scene) => withUnknown(scene, unknown, spot[0], spot[1], look),
  });
  const index = picture.scene.objects.length - 1;
  let pixels = 0;
  for (const instance of picture.instances) if (instance === index) pixels++;
  return pixels < LEAST_PIXELS ? null : { frame: picture.frame, unknown };
}

/** World x, y (m) of a bare place of the table in view; null where none is found. */
function freeSpot({ frame, labels }: WorldPicture, rng: Rng): readonly [number, number] | null {
  const { width, height } = frame.info;
  const { camera, rays, depth, z } = new FrameViewer().view(frame);
  const at = new Float64Array(2);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const u = BORDER_PX + rng.int(width - 2 * BORDER_PX);
    const v = BORDER_PX + rng.int(height - 2 * BORDER_PX);
    const i = v * width + u;
    if (!(Math.abs(z[i]) < PLANE_M)) continue;
    const reach = Math.ceil((ROOM_M * camera.fx) / depth[i]);
    let [bare, all] = [0, 0];
    for (let y = Math.max(0, v - reach); y <= Math.min(height - 1, v + reach); y++) {
      for (let j = y * width + Math.max(0, u - reach); j <= y * width + Math.min(width - 1, u + reach); j++) {
        all++;
        if (labels[j] === TABLE && Math.abs(z[j]) < PLANE_M) bare++;
      }
    }
    if (bare < BARE * all) continue;
    camera.onPlane(rays[2 * i], rays[2 * i + 1], 0, at);
    return [at[0], at[1]];
  }
  return null;
}

/** A world's second picture with an unknown object in it; null where no place for one is in view. */
export function drawUnknownOnly(
  generator: WorldGenerator,
  rng: Rng,
  options: World,
  camera: CameraName,
): Pick<FaultyPicture, 'frame' | 'unknown'> | null {
  const { world, second } = usableWorld(generator, rng, options, camera);
  return drawUnknown(generator, rng, world, second);
}
