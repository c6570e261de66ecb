import { type ConvexMesh, InputError, type Shape } from '../contracts/index.ts';
import { convexHull, type Robot } from '../robots/index.ts';

/**
 * The robot with collision shapes of links grown on all sides. Boxes, spheres and hulls become exactly that; a cylinder
 * stays one, which holds the grown one. Links see each other grown, too, so that links lying close together may touch by it
 * (MoveIt pads them against the world alone). Throws InputError for a link that has no collision shape, or a padding below 0.
 * @param padding_m  by link (m); `*` is that of all others
 */
export function withLinkPadding(robot: Robot, padding_m: Readonly<Record<string, number>>): Robot {
  const links = new Set(robot.model.collision.map(({ link }) => link));
  for (const [link, padding] of Object.entries(padding_m)) {
    if (link !== '*' && !links.has(link)) {
      throw new InputError(`padding of link ${link}`, `one of ${[...links].join(', ')}, or * for all`);
    }
    if (!(padding >= 0 && padding <= 10)) throw new InputError(`padding of link ${link}: ${padding} m`, '0 to 10 m');
  }
  const collision = robot.model.collision.map((part) => {
    const padding = padding_m[part.link] ?? padding_m['*'] ?? 0;
    return padding === 0 ? part : { ...part, shape: grown(part.shape, padding) };
  });
  return { ...robot, model: { ...robot.model, collision } };
}

function grown(shape: Shape | ConvexMesh, padding_m: number): Shape | ConvexMesh {
  switch (shape.type) {
    case 'sphere':
      return { type: 'sphere', radius: shape.radius + padding_m };
    case 'cylinder':
      return { type: 'cylinder', radius: shape.radius + padding_m, length: shape.length + 2 * padding_m };
    case 'mesh':
      return { ...shape, short_m: shape.short_m + padding_m };
    case 'box': {
      const corners = Array.from({ length: 8 }, (_, i) =>
        shape.size.map((side, k) => ((i >> k) & 1 ? side : -side) / 2),
      );
      return { ...convexHull(Float64Array.from(corners.flat())), short_m: padding_m };
    }
  }
}
