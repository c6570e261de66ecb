import type { Body, World } from 'cannon-es';
import { InputError } from '../../contracts/index.ts';
import { MAX_POINTS } from './manifold.ts';
import type { PatchSolver } from './patch_solver.ts';

/** First number of every saved state; another layout gets another. */
const FORMAT = 20_002;
const HEADER = 9;

type Numbers = Float64Array | Int32Array | Uint8Array;
/** An array with so many entries for each item. */
type Column = readonly [Numbers, number];

/** What of a cannon world and its robot the next steps depend on, besides the solver's own. */
export interface StateParts {
  readonly world: World;
  readonly objects: readonly Body[];
  readonly solver: PatchSolver;
  /** Robot state and actuator inputs, whole. */
  readonly robot: readonly Float64Array[];
}

/**
 * Saves an engine's state into one array and brings it back: robot and actuator inputs, objects with the forces that
 * wait for the next step, what is remembered of every pair that touched at the last step, and that step's contacts and
 * impulses, from which sensors read.
 */
export class StateCodec {
  private readonly parts: StateParts;
  private readonly memory: readonly Column[];
  private readonly patches: readonly Column[];
  private readonly points: readonly Column[];
  private readonly rows: readonly Column[];
  private readonly nq: number;

  constructor(parts: StateParts) {
    this.parts = parts;
    const { contacts: c, patches, rows } = parts.solver;
    this.nq = rows.nq;
    this.memory = [
      [c.old_points, 1],
      [c.old_id, MAX_POINTS],
      [c.old_impulse, MAX_POINTS],
      [c.old_friction, 3],
      [c.anchored, 1],
      [c.anchor_a, 3],
      [c.anchor_b, 3],
      [c.anchor_R, 9],
      [c.anchor_twist, 1],
    ];
    this.patches = [
      [c.patch_pair, 1],
      [c.patch_first, 1],
      [c.patch_points, 1],
      [c.patch_normal, 3],
      [patches.friction_row, 1],
      [patches.centre, 3],
      [patches.tangent, 6],
    ];
    this.points = [
      [c.point, 3],
      [c.gap, 1],
    ];
    this.rows = [
      [rows.impulse, 1],
      [rows.has_robot, 1],
    ];
  }

  /** @param steps  steps taken since the start */
  save(steps: number): Float64Array {
    const { world, solver, robot, objects } = this.parts;
    const { contacts, rows, joints, step_number } = solver;
    const live: number[] = [];
    contacts.touched.forEach((step, pair) => {
      if (step === step_number) live.push(pair);
    });
    const out: number[] = [FORMAT, this.nq, objects.length, contacts.touched.length];
    out.push(steps, step_number, live.length, contacts.patches, contacts.points);
    out.push(world.gravity.x, world.gravity.y, world.gravity.z, ...joints.impulse);
    for (const array of robot) out.push(...array);
    for (const { position, quaternion: q, velocity, angularVelocity, force, torque, invInertiaWorld } of objects) {
      out.push(q.x, q.y, q.z, q.w, ...invInertiaWorld.elements);
      for (const { x, y, z } of [position, velocity, angularVelocity, force, torque]) out.push(x, y, z);
    }
    const take = (columns: readonly Column[], item: number, points = MAX_POINTS) => {
      for (const [array, width] of columns) {
        // Points that were not touched at the last step hold what nothing reads.
        for (let k = 0; k < width; k++) out.push(width === MAX_POINTS && k >= points ? 0 : array[width * item + k]);
      }
    };
    for (const pair of live) {
      out.push(pair);
      take(this.memory, pair, contacts.old_points[pair]);
    }
    for (let i = 0; i < contacts.patches; i++) take(this.patches, i);
    for (let i = 0; i < contacts.points; i++) take(this.points, i);
    for (let r = 0; r < contacts.points + 3 * contacts.patches; r++) {
      take(this.rows, r);
      for (let i = 0; i < this.nq; i++) out.push(rows.has_robot[r] === 1 ? rows.J[r * rows.stride + i] : 0);
    }
    return Float64Array.from(out);
  }

  /** Brings a saved state back; returns the steps taken. Throws InputError for the state of other models. */
  load(state: Float64Array): number {
    const { world, solver, robot, objects } = this.parts;
    const { contacts, rows, joints } = solver;
    this.check(state);
    const [, , , , steps, step_number, live, patches, points] = state;
    let at = HEADER;
    const next = () => state[at++];
    const fill = (array: Numbers, from: number, width: number) => {
      for (let k = 0; k < width; k++) array[from + k] = next();
    };
    const put = (columns: readonly Column[], item: number) => {
      for (const [array, width] of columns) fill(array, width * item, width);
    };
    world.gravity.set(next(), next(), next());
    fill(joints.impulse, 0, joints.impulse.length);
    for (const array of robot) fill(array, 0, array.length);
    for (const { position, quaternion, velocity, angularVelocity, force, torque, invInertiaWorld } of objects) {
      quaternion.set(next(), next(), next(), next());
      for (let k = 0; k < 9; k++) invInertiaWorld.elements[k] = next();
      for (const vector of [position, velocity, angularVelocity, force, torque]) vector.set(next(), next(), next());
    }
    contacts.touched.fill(-2);
    contacts.anchored.fill(0);
    for (let i = 0; i < live; i++) {
      const pair = next();
      contacts.touched[pair] = step_number;
      put(this.memory, pair);
    }
    contacts.patches = patches;
    contacts.points = points;
    for (let i = 0; i < patches; i++) put(this.patches, i);
    for (let i = 0; i < points; i++) put(this.points, i);
    for (let r = 0; r < points + 3 * patches; r++) {
      put(this.rows, r);
      fill(rows.J, r * rows.stride, this.nq);
    }
    solver.step_number = step_number;
    return steps;
  }

  private check(state: Float64Array): void {
    const { objects, robot, solver } = this.parts;
    const expected = [FORMAT, this.nq, objects.length, solver.contacts.touched.length];
    const names = ['format', 'joint coordinates', 'objects', 'collider pairs'];
    names.forEach((name, i) => {
      if (state[i] !== expected[i]) {
        const allowed = `only a state of an engine built from the same models can be loaded: ${expected[i]}`;
        throw new InputError(`saved physics state: ${name} ${state[i]}`, allowed);
      }
    });
    const [, , , , , , live, patches, points] = state;
    const sum = (columns: readonly Column[]) => columns.reduce((total, [, width]) => total + width, 0);
    const length =
      HEADER +
      3 +
      solver.joints.impulse.length +
      robot.reduce((total, array) => total + array.length, 0) +
      28 * objects.length +
      live * (1 + sum(this.memory)) +
      patches * sum(this.patches) +
      points * sum(this.points) +
      (points + 3 * patches) * (sum(this.rows) + this.nq);
    if (state.length !== length) {
      throw new InputError(
        `saved physics state of ${state.length} numbers`,
        `must have ${length}; it was cut or changed`,
      );
    }
  }
}
