import type { Rng, Vector3 } from '../../contracts/index.ts';
import { GRAVITY } from '../../dynamics/index.ts';
import type { SceneModel } from '../scene.ts';
import { isClear, type Outline } from '../tasks/draw.ts';
import { footprintRadius } from '../tasks/footprint.ts';
import type { TaskSpec } from '../tasks/index.ts';
import type { DisturbanceEvent } from './record.ts';

const G_M_S2 = Math.abs(GRAVITY[2]);
/** Directions tried for one that leaves the object where it could have been drawn, clear of others. */
const DIRECTIONS = 48;
const CLEARANCE_M = 0.025;
/** Of the tool from the object when it is pushed, and how long (m, s). */
const WITHIN_M = [0.07, 0.2] as const;
const PUSH_S = [0.1, 0.2] as const;
/** Height over where it stood, and time after that, when a held object slips (m, s). */
const ABOVE_M = [0.02, 0.06] as const;
const WAIT_S = [0, 0.6] as const;

/** A push that moves the object by `distance_m` over the table, if it slides: its friction and the force are in balance then. */
export function drawPush(
  scene: SceneModel,
  on: number,
  distance_m: number,
  spec: TaskSpec,
  rng: Rng,
): DisturbanceEvent {
  const { mass_kg, friction } = scene.objects[on];
  const duration_s = rng.range(...PUSH_S);
  const brake = Math.sqrt(friction * scene.table.friction) * G_M_S2;
  // distance = a T² / 2 while pushed, and (a T)² / (2 brake) until it stands.
  const acceleration = (brake / 2) * (Math.sqrt(1 + (8 * distance_m) / (brake * duration_s ** 2)) - 1);
  const force = mass_kg * (acceleration + brake);
  const azimuth = drawAzimuth(scene, on, distance_m, spec, rng);
  const force_N: Vector3 = [force * Math.cos(azimuth), force * Math.sin(azimuth), 0];
  return { kind: 'push', on, within_m: rng.range(...WITHIN_M), duration_s, force_N };
}

/** A slip for as long as a free fall of `distance_m` takes. */
export function drawSlip(on: number, distance_m: number, rng: Rng): DisturbanceEvent {
  const duration_s = Math.sqrt((2 * distance_m) / G_M_S2);
  return { kind: 'slip', on, above_m: rng.range(...ABOVE_M), wait_s: rng.range(...WAIT_S), duration_s };
}

/** The first direction that is free; where none is, the last that stays in the task's area, or the last of all. */
function drawAzimuth(scene: SceneModel, on: number, distance_m: number, { x_m, y_m }: TaskSpec, rng: Rng): number {
  const outlines = scene.objects.map(({ shape, pose }): Outline => {
    const [x, y] = pose.position;
    return { x, y, radius: footprintRadius(shape) };
  });
  const { x, y, radius } = outlines[on];
  const others = outlines.filter((_, i) => i !== on);
  let fallback = 0;
  for (let k = 0; k < DIRECTIONS; k++) {
    const azimuth = rng.range(-Math.PI, Math.PI);
    const at = (share: number): Outline => ({
      x: x + share * distance_m * Math.cos(azimuth),
      y: y + share * distance_m * Math.sin(azimuth),
      radius,
    });
    const end = at(1);
    const inside = end.x >= x_m[0] && end.x <= x_m[1] && end.y >= y_m[0] && end.y <= y_m[1];
    if (inside && [at(0.5), end].every((spot) => others.every((other) => isClear(spot, other, CLEARANCE_M))))
      return azimuth;
    if (inside || k === 0) fallback = azimuth;
  }
  return fallback;
}
