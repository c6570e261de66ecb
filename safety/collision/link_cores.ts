import { type ConvexMesh, meshBounds, type Shape } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { CORE } from './core.ts';
import { armBodies } from './link_capsules.ts';

/** The collision shapes of the links that the arm's joints alone move, as cores fixed to bodies; of a hull the box about it. */
export interface LinkCores {
  readonly count: number;
  /** Link of every core; those of a link stand together. */
  readonly link: readonly string[];
  readonly body: Int32Array;
  readonly kind: Uint8Array;
  /** See CORE, 6 each; radius of the ball about the core (m). */
  readonly size: Float64Array;
  readonly rounding: Float64Array;
  /** Pose in the body frame: rotation 9 and position 3 each. */
  readonly R: Float64Array;
  readonly p: Float64Array;
}

export function linkCores(robot: Robot): LinkCores {
  let cores = known.get(robot);
  if (cores === undefined) {
    cores = readCores(robot);
    known.set(robot, cores);
  }
  return cores;
}

const known = new WeakMap<Robot, LinkCores>();

function readCores(robot: Robot): LinkCores {
  const carriers = armBodies(robot);
  const own = robot.model.collision.filter(({ body }) => carriers[body + 1] === body);
  const links = [...new Set(own.map(({ link }) => link))];
  const items = links.flatMap((name) => own.filter(({ link }) => link === name));
  return {
    count: items.length,
    link: items.map(({ link }) => link),
    body: Int32Array.from(items, ({ body }) => body),
    kind: Uint8Array.from(items, ({ shape }) => kindOf(shape)),
    size: Float64Array.from(items.flatMap(({ shape }) => sizeOf(shape))),
    rounding: Float64Array.from(items, ({ shape }) =>
      shape.type === 'sphere' ? shape.radius : shape.type === 'mesh' ? shape.short_m : 0,
    ),
    R: Float64Array.from(items.flatMap(({ R }) => [...R])),
    p: Float64Array.from(items.flatMap(({ p }) => [...p])),
  };
}

function kindOf({ type }: Shape | ConvexMesh): number {
  if (type === 'sphere') return CORE.point;
  return type === 'cylinder' ? CORE.cylinder : CORE.box;
}

function sizeOf(shape: Shape | ConvexMesh): number[] {
  switch (shape.type) {
    case 'sphere':
      return [0, 0, 0, 0, 0, 0];
    case 'cylinder':
      return [shape.radius, shape.length / 2, 0, 0, 0, 0];
    case 'box':
      return [...shape.size.map((size) => size / 2), 0, 0, 0];
    case 'mesh': {
      // About the frame's origin, wherever the mesh lies in its frame.
      const { lower, upper } = meshBounds(shape);
      return [...lower.map((low, k) => Math.max(-low, upper[k])), 0, 0, 0];
    }
  }
}
