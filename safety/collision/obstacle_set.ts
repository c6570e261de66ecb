import { InputError } from '../../contracts/index.ts';
import { quaternionToMatrix } from '../../dynamics/index.ts';
import { MAX_OBSTACLES, type Obstacle } from '../obstacle.ts';
import { type BodySet, MOST_BODIES } from '../separation/body_set.ts';
import { CORE } from './core.ts';

/** A volume the arm must always stay out of; it does not move. */
export type KeepOut = Omit<Obstacle, 'velocity_m_per_s'>;

/**
 * Convex obstacles in flat arrays, the always present ones (keep-out volumes) first, and from `first_body` on a place for
 * each slot of a BodySet. Positions are those at `set_s`; at t_s they are position + velocity (t_s − set_s). Setting
 * allocates, placing a body does not.
 */
export class ObstacleSet {
  readonly capacity = MAX_OBSTACLES + MOST_BODIES;
  readonly first_body = MAX_OBSTACLES;
  /** Always present, at the front. */
  readonly permanent: number;
  count = 0;
  readonly ids: string[] = [];
  readonly kind: Uint8Array;
  /** Core in the obstacle's frame, 6 each (see CORE), and the radius of the ball about it (m). */
  readonly size: Float64Array;
  readonly rounding: Float64Array;
  /** Rotation 9, position 3 (m) and velocity 3 (m/s) in the base frame. */
  readonly R: Float64Array;
  readonly p: Float64Array;
  readonly v: Float64Array;
  readonly speed: Float64Array;
  /** Half extents of the box along the base axes that holds the obstacle, 3 each (m). */
  readonly extent: Float64Array;
  /** Farthest point of the core from the obstacle's origin (m). */
  readonly core_reach: Float64Array;

  constructor(permanent: readonly KeepOut[]) {
    const { capacity } = this;
    if (permanent.length > MAX_OBSTACLES)
      throw new InputError(`${permanent.length} keep-out volumes`, `at most ${MAX_OBSTACLES}`);
    this.permanent = permanent.length;
    this.kind = new Uint8Array(capacity);
    this.size = new Float64Array(6 * capacity);
    this.rounding = new Float64Array(capacity);
    this.R = new Float64Array(9 * capacity);
    this.p = new Float64Array(3 * capacity);
    this.v = new Float64Array(3 * capacity);
    this.speed = new Float64Array(capacity);
    this.extent = new Float64Array(3 * capacity);
    this.core_reach = new Float64Array(capacity);
    permanent.forEach((obstacle, i) => {
      this.write(i, { ...obstacle, velocity_m_per_s: [0, 0, 0] });
    });
    for (let i = this.first_body; i < capacity; i++) {
      this.kind[i] = CORE.segment;
      for (let k = 0; k < 9; k += 4) this.R[9 * i + k] = 1;
    }
    this.count = permanent.length;
  }

  /**
   * Puts the capsule of a body where it was sensed, in its own slot.
   *
   * @param rounding  about its segment, in rounding[0] (m)
   * @param since_s  since_s[0]: from when it was sensed until the obstacles were set; since_s[1]: share of its velocity that
   *   it goes on with, 0 or 1
   */
  placeBody(bodies: BodySet, slot: number, rounding: Float64Array, since_s: Float64Array): void {
    const { size, p, v, extent } = this;
    const { ends, velocity } = bodies;
    const o = this.first_body + slot;
    let length = 0;
    let speed = 0;
    for (let k = 0; k < 3; k++) {
      const a = ends[6 * slot + k];
      const b = ends[6 * slot + 3 + k];
      const half = 0.5 * (b - a);
      const rate = since_s[1] * velocity[3 * slot + k];
      size[6 * o + k] = -half;
      size[6 * o + 3 + k] = half;
      v[3 * o + k] = rate;
      p[3 * o + k] = 0.5 * (a + b) + rate * since_s[0];
      extent[3 * o + k] = (half < 0 ? -half : half) + rounding[0];
      length += half * half;
      speed += rate * rate;
    }
    this.speed[o] = Math.sqrt(speed);
    this.rounding[o] = rounding[0];
    this.core_reach[o] = Math.sqrt(length);
  }

  /** Replaces all but the permanent ones. InputError if there are too many or a value is not finite. */
  replace(list: readonly Obstacle[]): void {
    const room = MAX_OBSTACLES - this.permanent;
    if (list.length > room)
      throw new InputError(`${list.length} obstacles`, `at most ${room} beside ${this.permanent} keep-out volumes`);
    for (const obstacle of list) check(obstacle);
    list.forEach((obstacle, i) => {
      this.write(this.permanent + i, obstacle);
    });
    this.count = this.permanent + list.length;
    this.ids.length = this.count;
  }

  private write(i: number, obstacle: Obstacle): void {
    check(obstacle);
    const { shape, pose, velocity_m_per_s } = obstacle;
    const { size, R, extent } = this;
    this.ids[i] = obstacle.id;
    quaternionToMatrix(pose.orientation, 0, R, 9 * i);
    this.p.set(pose.position, 3 * i);
    this.v.set(velocity_m_per_s, 3 * i);
    this.speed[i] = Math.hypot(...velocity_m_per_s);
    size.fill(0, 6 * i, 6 * i + 6);
    this.rounding[i] = 0;
    if (shape.type === 'box') {
      this.kind[i] = CORE.box;
      for (let k = 0; k < 3; k++) size[6 * i + k] = shape.size[k] / 2;
      this.core_reach[i] = Math.hypot(...shape.size) / 2;
    } else if (shape.type === 'cylinder') {
      this.kind[i] = CORE.cylinder;
      size[6 * i] = shape.radius;
      size[6 * i + 1] = shape.length / 2;
      this.core_reach[i] = Math.hypot(shape.radius, shape.length / 2);
    } else {
      this.rounding[i] = shape.radius;
      this.kind[i] = shape.type === 'sphere' ? CORE.point : CORE.segment;
      const half = shape.type === 'sphere' ? 0 : shape.length / 2;
      size[6 * i + 2] = -half;
      size[6 * i + 5] = half;
      this.core_reach[i] = half;
    }
    for (let row = 0; row < 3; row++) {
      const x = Math.abs(R[9 * i + 3 * row]);
      const y = Math.abs(R[9 * i + 3 * row + 1]);
      const z = Math.abs(R[9 * i + 3 * row + 2]);
      let reach = z * size[6 * i + 5];
      if (shape.type === 'box') reach = x * size[6 * i] + y * size[6 * i + 1] + z * size[6 * i + 2];
      else if (shape.type === 'cylinder') reach = Math.hypot(x, y) * size[6 * i] + z * size[6 * i + 1];
      extent[3 * i + row] = reach + this.rounding[i];
    }
  }
}

/** InputError unless all numbers of an obstacle are finite, its sizes positive and its orientation a unit quaternion. */
function check({ id, shape, pose, velocity_m_per_s }: Obstacle): void {
  const sizes =
    shape.type === 'box' ? shape.size : shape.type === 'cylinder' ? [shape.radius, shape.length] : [shape.radius];
  if (!sizes.every((value) => Number.isFinite(value) && value > 0)) {
    throw new InputError(`sizes ${sizes.join(', ')} of obstacle ${id}`, 'must be positive (m)');
  }
  for (const [name, values] of [
    ['position', pose.position],
    ['velocity', velocity_m_per_s],
  ] as const) {
    if (!values.every(Number.isFinite))
      throw new InputError(`${name} ${values.join(', ')} of obstacle ${id}`, 'must be finite');
  }
  if (!(Math.abs(Math.hypot(...pose.orientation) - 1) < 1e-3)) {
    throw new InputError(
      `orientation ${pose.orientation.join(', ')} of obstacle ${id}`,
      'must be a unit quaternion x, y, z, w',
    );
  }
}
