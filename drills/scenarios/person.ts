import type { Vector3 } from '../../contracts/index.ts';
import { FLOOR_Z_M } from '../../sim/index.ts';
import { Prop } from './prop.ts';

/** A person as a tracker has them: an upright capsule on the floor, m. */
export const PERSON = { radius_m: 0.25, height_m: 1.75 } as const;

const VEST: Vector3 = [0.95, 0.6, 0.1];
const TROUSERS: Vector3 = [0.16, 0.2, 0.32];
const SKIN: Vector3 = [0.85, 0.66, 0.53];

/** Time since the walk began (s), and where the person is then (m, frame world). */
export type Waypoint = readonly [number, number, number];

/** Where somebody is who walks from point to point at even speeds; at the first before, at the last afterwards. */
export function walk(
  path: readonly Waypoint[],
  t_s: number,
): { readonly at: [number, number]; readonly v: [number, number] } {
  const next = path.findIndex(([time_s]) => time_s > t_s);
  const [, x, y] = path[next < 0 ? path.length - 1 : next];
  if (next <= 0) return { at: [x, y], v: [0, 0] };
  const [from_s, x0, y0] = path[next - 1];
  const lasts_s = path[next][0] - from_s;
  const share = (t_s - from_s) / lasts_s;
  return { at: [x0 + share * (x - x0), y0 + share * (y - y0)], v: [(x - x0) / lasts_s, (y - y0) / lasts_s] };
}

/** What cameras see of a person; its origin is on the floor between the feet. */
export function personProp(): Prop {
  const part = (radius: number, from_m: number, to_m: number, y: number, rgb: Vector3) => ({
    shape: { type: 'cylinder', radius, length: to_m - from_m } as const,
    position: [0, y, (from_m + to_m) / 2] as const,
    rgb,
  });
  return new Prop([
    part(0.08, 0, 0.85, -0.1, TROUSERS),
    part(0.08, 0, 0.85, 0.1, TROUSERS),
    part(0.19, 0.85, 1.45, 0, VEST),
    { shape: { type: 'sphere', radius: 0.12 }, position: [0, 0, 1.62], rgb: SKIN },
  ]);
}

/** Height of the person's frame, m, frame world. */
export const PERSON_FLOOR_M = FLOOR_Z_M;
