import type { Obstacle, ObstacleShape } from '../obstacle.ts';
import type { Change } from './difference.ts';

/** Half sizes and radii of a shape about its own centre, in one order for its type (m). */
function sizes(shape: ObstacleShape): readonly number[] {
  switch (shape.type) {
    case 'box':
      return shape.size;
    case 'sphere':
      return [shape.radius];
    case 'cylinder':
    case 'capsule':
      return [shape.radius, shape.length];
  }
}

/** Of keep-out volumes: one that holds the other keeps the arm out of more; null for none. */
export function volumeChange(from: Obstacle | null, to: Obstacle | null): Change {
  if (to === null) return 'looser';
  if (from === null) return 'tighter';
  const values = ({ pose }: Obstacle) => [...pose.position, ...pose.orientation];
  const moved = values(from).some((value, i) => value !== values(to)[i]);
  const own = from.velocity_m_per_s.some((value, i) => value !== to.velocity_m_per_s[i]);
  if (moved || own || from.shape.type !== to.shape.type) return 'other';
  const [old, now] = [sizes(from.shape), sizes(to.shape)];
  if (now.every((size, i) => size >= old[i])) return 'tighter';
  return now.every((size, i) => size <= old[i]) ? 'looser' : 'other';
}
