import type { Robot } from '../../robots/index.ts';
import { CORE } from './core.ts';
import { armBodies } from './link_capsules.ts';

/** The collision shapes themselves of the links that the arm's joints alone move, as cores fixed to bodies. */
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
  const carriers = armBodies(robot);
  const own = robot.model.collision.filter(({ body }) => carriers[body + 1] === body);
  const links = [...new Set(own.map(({ link }) => link))];
  const items = links.flatMap((name) => own.filter(({ link }) => link === name));
  return {
    count: items.length,
    link: items.map(({ link }) => link),
    body: Int32Array.from(items, ({ body }) => body),
    kind: Uint8Array.from(items, ({ shape }) =>
      shape.type === 'box' ? CORE.box : shape.type === 'cylinder' ? CORE.cylinder : CORE.point,
    ),
    size: Float64Array.from(
      items.flatMap(({ shape }) => {
        if (shape.type === 'box') return [...shape.size.map((size) => size / 2), 0, 0, 0];
        return shape.type === 'cylinder' ? [shape.radius, shape.length / 2, 0, 0, 0, 0] : [0, 0, 0, 0, 0, 0];
      }),
    ),
    rounding: Float64Array.from(items, ({ shape }) => (shape.type === 'sphere' ? shape.radius : 0)),
    R: Float64Array.from(items.flatMap(({ R }) => [...R])),
    p: Float64Array.from(items.flatMap(({ p }) => [...p])),
  };
}
