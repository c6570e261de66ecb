import type { ConvexMesh, Shape } from '../contracts/index.ts';
import { rotate } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { type Ball, boundingSphere } from './spheres/bounding_sphere.ts';
import { coverBalls } from './spheres/corners.ts';
import { type FittedSphere, fitSpheres } from './spheres/fit.ts';

/** A collision shape of a link: T_body_shape, the sphere about it in its body, and the spheres fitted to it, in its own frame. */
export interface LinkShape {
  readonly shape: Shape | ConvexMesh;
  readonly body: number;
  readonly R: readonly number[];
  readonly p: readonly number[];
  readonly sphere: Ball;
  readonly fitted: readonly FittedSphere[];
}

/** A link with collision shapes, and the sphere about all of them in its body. */
export interface LinkGeometry {
  readonly name: string;
  readonly shapes: readonly LinkShape[];
  readonly sphere: Ball;
}

/** Spheres of a hull; primitives are as quickly told apart themselves. */
const HULL_SPHERES = 8;

const made = new WeakMap<Robot['model'], readonly LinkGeometry[]>();

/** Links with collision shapes in order of the model. Made once for a model, since spheres take a while to fit. */
export function linkGeometry({ model }: Robot): readonly LinkGeometry[] {
  const known = made.get(model);
  if (known !== undefined) return known;
  const names = [...new Set(model.collision.map(({ link }) => link))];
  const links = names.map((name) => {
    const shapes = model.collision
      .filter(({ link }) => link === name)
      .map(({ shape, body, R, p }) => {
        const fitted = shape.type === 'mesh' ? fitSpheres(shape, { max_spheres: HULL_SPHERES }) : [];
        return { shape, body, R, p, sphere: sphereAbout([{ shape, R, p }]), fitted };
      });
    return { name, shapes, sphere: sphereAbout(shapes) };
  });
  made.set(model, links);
  return links;
}

/** A sphere about shapes of one body, in that body. */
export function sphereAbout(
  shapes: readonly { shape: Shape | ConvexMesh; R: ArrayLike<number>; p: ArrayLike<number> }[],
  padding_m = 0,
): Ball {
  const balls = shapes.flatMap(({ shape, R, p }) => {
    const all: number[] = [];
    const corners = coverBalls(shape);
    for (let i = 0; i < corners.length; i += 4) {
      const x = rotate(R, corners.subarray(i, i + 3));
      all.push(x[0] + p[0], x[1] + p[1], x[2] + p[2], corners[i + 3] + padding_m);
    }
    return all;
  });
  return boundingSphere(balls);
}
