import { type Body, Solver, type World } from 'cannon-es';
import { choleskyFactor, choleskySolve, crba, type RobotData, rnea } from '../../dynamics/index.ts';
import type { Contacts } from './contacts.ts';
import { JointConstraints } from './joint_constraints.ts';
import { MAX_POINTS } from './manifold.ts';
import { Rows } from './rows.ts';

export interface ContactOptions {
  /** Stiffness of one contact point (N/m) and its damping ratio. */
  readonly stiffness_N_m: number;
  readonly damping_ratio: number;
  /** Fastest undoing of an overlap, m/s. */
  readonly max_correction_m_s: number;
  /** Part of a stick anchor's error undone in one step. */
  readonly anchor_correction: number;
  readonly iterations: number;
  /** Sweeps end when no row changes by more, as energy (J). */
  readonly tolerance_J: number;
}

export const CONTACT: ContactOptions = {
  stiffness_N_m: 5e4,
  damping_ratio: 1,
  max_correction_m_s: 0.5,
  anchor_correction: 0.1,
  iterations: 12,
  tolerance_J: 1e-11,
};

/** Weight of an unloaded point in the centre of pressure (N s), least lever of torsional friction (m). */
const UNLOADED = 1e-7;
const LEAST_LEVER = 1e-4;
/** A patch of one or two points may roll: its anchor follows the centre of pressure when this far from it (m). */
const ROLLING = 1e-3;

/** Joint speed from which dry friction is there in full, rad/s or m/s. */
export const STICTION = 1e-3;
/** Slower than this (rad/s) a body's precession is nothing. */
const SPINNING = 0.1;

/** What the solver moves and what drives it: the robot's state and actuators, nq each. */
export interface RobotState {
  readonly q: Float64Array;
  readonly v: Float64Array;
  readonly tau: Float64Array;
  readonly implicit_damping: Float64Array;
  readonly implicit_stiffness: Float64Array;
  readonly armature: Float64Array;
}

/**
 * Velocities of the robot and the objects under their forces, contacts, joint friction and stops, for one step.
 *
 * Projected Gauss-Seidel with warm start. A contact point is a spring and damper (softness and bias of its row; Catto,
 * Soft Constraints, 2011), so that the load spreads over a pad. A patch has one friction law at its centre of pressure: two
 * tangents and the torsion about the normal, bounded together by sqrt(t1² + t2² + (τ/r)²) ≤ μ Σ n with the mean lever r.
 * A patch that sticks is pulled back to the anchor where it began to. Rows act on the arm by J M⁻¹ Jᵀ, M with the implicit
 * terms of its actuators on the diagonal; the objects' velocities and the robot's q and v are written.
 */
export class PatchSolver extends Solver {
  readonly rows: Rows;
  readonly contacts: Contacts;
  /** Sweeps of the last step. */
  sweeps = 0;
  /** Per patch of the last step: its three friction rows, centre of pressure 3 (m), tangents 6. */
  readonly friction_row: Int32Array;
  readonly centre: Float64Array;
  readonly tangent: Float64Array;
  private readonly lever: Float64Array;
  private readonly saturated: Uint8Array;
  private readonly robot: RobotState;
  private readonly data: RobotData;
  private readonly objects: readonly Body[];
  private readonly options: ContactOptions;
  private readonly joints: JointConstraints;
  private readonly bias: Float64Array;
  private readonly extra: Float64Array;
  private readonly gravity: [number, number, number] = [0, 0, 0];
  private readonly relative = new Float64Array(9);
  private step_number = 0;

  constructor(
    data: RobotData,
    robot: RobotState,
    objects: readonly Body[],
    contacts: Contacts,
    options: ContactOptions,
  ) {
    super();
    const pairs = contacts.pair_a.length;
    this.data = data;
    this.robot = robot;
    this.objects = objects;
    this.contacts = contacts;
    this.options = options;
    this.rows = new Rows(data, objects.length, pairs * (MAX_POINTS + 3), contacts.colliders.rigid_p);
    this.joints = new JointConstraints(data);
    this.friction_row = new Int32Array(pairs);
    this.centre = new Float64Array(3 * pairs);
    this.tangent = new Float64Array(6 * pairs);
    this.lever = new Float64Array(pairs);
    this.saturated = new Uint8Array(pairs);
    this.bias = new Float64Array(data.model.nq);
    this.extra = new Float64Array(data.model.nq);
  }

  /** Forgets impulses and anchors: the robot or the objects were put elsewhere. */
  reset(): void {
    this.contacts.touched.fill(-2);
    this.contacts.anchored.fill(0);
    this.contacts.patches = 0;
    this.joints.reset();
  }

  override solve(dt: number, world: World): number {
    const { contacts, rows, joints, options } = this;
    this.step_number++;
    this.freeMotion(dt, world);
    joints.prepare(this.robot.q, rows.u, dt);
    let r = 0;
    for (let patch = 0; patch < contacts.patches; patch++) r = this.buildPatch(patch, r, dt);
    let sweep = 0;
    while (sweep < options.iterations) {
      sweep++;
      rows.change[0] = 0;
      joints.sweep(rows.u, rows.change);
      for (let patch = 0; patch < contacts.patches; patch++) this.sweepPatch(patch);
      if (rows.change[0] < options.tolerance_J) break;
    }
    this.sweeps = sweep;
    this.remember();
    this.writeVelocities(dt);
    return sweep;
  }

  /** Velocities without contact into rows.u; factors M. */
  private freeMotion(dt: number, world: World): void {
    const { rows, data, robot, bias, extra, gravity, objects } = this;
    const { u } = rows;
    const { model } = data;
    const { nq } = model;
    gravity[0] = world.gravity.x;
    gravity[1] = world.gravity.y;
    gravity[2] = world.gravity.z;
    rnea(model, data, robot.v, null, bias, gravity);
    crba(model, data);
    for (let i = 0; i < nq; i++) {
      // Dry friction as the damping that gives it at the present speed; below STICTION it sticks viscously.
      const dry = model.friction[i] / Math.max(Math.abs(robot.v[i]), STICTION);
      const damping = dt * (model.damping[i] + dry + robot.implicit_damping[i]) + dt * dt * robot.implicit_stiffness[i];
      u[i] = dt * (robot.tau[i] - bias[i]) - damping * robot.v[i];
      extra[i] = robot.armature[i] + damping;
    }
    choleskyFactor(data, extra);
    choleskySolve(data, u, 0, u, 0);
    for (let i = 0; i < nq; i++) u[i] += robot.v[i];

    for (let k = 0; k < objects.length; k++) {
      const body = objects[k];
      const o = nq + 6 * k;
      const { force: f, torque: t, velocity: v, angularVelocity: w } = body;
      const e = body.invInertiaWorld.elements;
      const m = dt * body.invMass;
      rows.inverse_mass[k] = body.invMass;
      for (let i = 0; i < 9; i++) rows.inverse_inertia[9 * k + i] = e[i];
      u[o] = v.x + m * f.x;
      u[o + 1] = v.y + m * f.y;
      u[o + 2] = v.z + m * f.z;
      u[o + 3] = w.x + dt * (e[0] * t.x + e[1] * t.y + e[2] * t.z);
      u[o + 4] = w.y + dt * (e[3] * t.x + e[4] * t.y + e[5] * t.z);
      u[o + 5] = w.z + dt * (e[6] * t.x + e[7] * t.y + e[8] * t.z);
      this.precess(body, dt, o + 3);
    }
  }

  /**
   * Gyroscopic torque, which cannon leaves out, on the angular velocity at u[o]: one Newton step of the implicit equation
   * I (w' − w) + h w' × I w' = 0 in the body's axes (Catto, Numerical Methods, 2015). Never adds energy.
   */
  private precess(body: Body, dt: number, o: number): void {
    const { u } = this.rows;
    const { x: a, y: b, z: c } = body.inertia;
    if (a === b && b === c) return;
    const w0 = u[o];
    const w1 = u[o + 1];
    const w2 = u[o + 2];
    if (w0 * w0 + w1 * w1 + w2 * w2 < SPINNING * SPINNING) return;
    const R = this.contacts.colliders.rigid_R;
    const r = 9 * (1 + (o - this.rows.nq - 3) / 6);
    const x = R[r] * w0 + R[r + 3] * w1 + R[r + 6] * w2;
    const y = R[r + 1] * w0 + R[r + 4] * w1 + R[r + 7] * w2;
    const z = R[r + 2] * w0 + R[r + 5] * w1 + R[r + 8] * w2;
    // J = I + h ([w]× I − [I w]×), residual h w × I w.
    const j01 = dt * z * (c - b);
    const j02 = dt * y * (c - b);
    const j10 = dt * z * (a - c);
    const j12 = dt * x * (a - c);
    const j20 = dt * y * (b - a);
    const j21 = dt * x * (b - a);
    const f0 = dt * y * z * (c - b);
    const f1 = dt * z * x * (a - c);
    const f2 = dt * x * y * (b - a);
    const m0 = b * c - j12 * j21;
    const m1 = j12 * j20 - j10 * c;
    const m2 = j10 * j21 - b * j20;
    const inverse = 1 / (a * m0 + j01 * m1 + j02 * m2);
    const dx = x - inverse * (f0 * m0 + f1 * (j02 * j21 - j01 * c) + f2 * (j01 * j12 - j02 * b));
    const dy = y - inverse * (f0 * m1 + f1 * (a * c - j02 * j20) + f2 * (j02 * j10 - a * j12));
    const dz = z - inverse * (f0 * m2 + f1 * (j01 * j20 - a * j21) + f2 * (a * b - j01 * j10));
    u[o] = R[r] * dx + R[r + 1] * dy + R[r + 2] * dz;
    u[o + 1] = R[r + 3] * dx + R[r + 4] * dy + R[r + 5] * dz;
    u[o + 2] = R[r + 6] * dx + R[r + 7] * dy + R[r + 8] * dz;
  }

  /** Rows of one patch from row r on, warm-started; returns the next free row. */
  private buildPatch(patch: number, r: number, dt: number): number {
    const { contacts: c, rows, options, tangent, centre } = this;
    const { point, gap, id } = c;
    const pair = c.patch_pair[patch];
    const a = c.colliders.rigid[c.pair_a[pair]];
    const b = c.colliders.rigid[c.pair_b[pair]];
    const nx = c.patch_normal[3 * patch];
    const ny = c.patch_normal[3 * patch + 1];
    const nz = c.patch_normal[3 * patch + 2];
    const from = c.patch_first[patch];
    const to = from + c.patch_points[patch];
    const warm = c.touched[pair] === this.step_number - 1;
    const stiffness = options.stiffness_N_m;
    const first = r;
    let total = 0;
    let x = 0;
    let y = 0;
    let z = 0;
    for (let i = from; i < to; i++) {
      const px = point[3 * i];
      const py = point[3 * i + 1];
      const pz = point[3 * i + 2];
      rows.build(r, a, b, point, 3 * i, c.patch_normal, 3 * patch, false);
      const diagonal = rows.diagonal[r];
      if (gap[i] > 0) rows.bias[r] = gap[i] / dt;
      else {
        const damping = 2 * options.damping_ratio * Math.sqrt(stiffness / diagonal);
        const softness = 1 / (dt * (damping + dt * stiffness));
        rows.softness[r] = softness;
        rows.bias[r] = Math.max(gap[i] * dt * stiffness * softness, -options.max_correction_m_s);
        rows.inverse[r] = 1 / (diagonal + softness);
      }
      let impulse = 0;
      if (warm) {
        for (let k = 0; k < c.old_points[pair]; k++) {
          if (c.old_id[MAX_POINTS * pair + k] !== id[i]) continue;
          impulse = c.old_impulse[MAX_POINTS * pair + k];
          rows.impulse[r] = impulse;
          rows.warmStart(r);
          break;
        }
      }
      const weight = impulse + UNLOADED;
      total += weight;
      x += weight * px;
      y += weight * py;
      z += weight * pz;
      r++;
    }
    x /= total;
    y /= total;
    z /= total;
    let lever = 0;
    for (let i = from; i < to; i++) {
      const dx = point[3 * i] - x;
      const dy = point[3 * i + 1] - y;
      const dz = point[3 * i + 2] - z;
      lever += ((rows.impulse[first + i - from] + UNLOADED) / total) * Math.sqrt(dx * dx + dy * dy + dz * dz);
    }
    this.lever[patch] = Math.max(lever, LEAST_LEVER);
    centre[3 * patch] = x;
    centre[3 * patch + 1] = y;
    centre[3 * patch + 2] = z;

    // Tangents that turn continuously with the normal.
    const steep = Math.abs(nz) < 0.7;
    let tx = steep ? -nz * nx : 1 - nx * nx;
    let ty = steep ? -nz * ny : -nx * ny;
    let tz = steep ? 1 - nz * nz : -nx * nz;
    const inverse = 1 / Math.sqrt(tx * tx + ty * ty + tz * tz);
    tx *= inverse;
    ty *= inverse;
    tz *= inverse;
    const sx = ny * tz - nz * ty;
    const sy = nz * tx - nx * tz;
    const sz = nx * ty - ny * tx;
    const t = 6 * patch;
    tangent[t] = tx;
    tangent[t + 1] = ty;
    tangent[t + 2] = tz;
    tangent[t + 3] = sx;
    tangent[t + 4] = sy;
    tangent[t + 5] = sz;
    rows.build(r, a, b, centre, 3 * patch, tangent, t, false);
    rows.build(r + 1, a, b, centre, 3 * patch, tangent, t + 3, false);
    rows.build(r + 2, a, b, centre, 3 * patch, c.patch_normal, 3 * patch, true);
    this.friction_row[patch] = r;
    if (warm && c.anchored[pair] === 1) this.pullToAnchor(patch, pair, a, b, r, dt);
    else this.setAnchor(patch, pair, a, b);
    if (warm) {
      for (let k = 0; k < 3; k++) {
        rows.impulse[r + k] = c.old_friction[3 * pair + k];
        rows.warmStart(r + k);
      }
    }
    return r + 3;
  }

  /** Anchors a patch where it is: its centre of pressure in both bodies, and their relative rotation. */
  private setAnchor(patch: number, pair: number, a: number, b: number): void {
    const { contacts: c, relative } = this;
    const { rigid_R: R, rigid_p: p } = c.colliders;
    toLocal(R, p, a, this.centre, 3 * patch, c.anchor_a, 3 * pair);
    toLocal(R, p, b, this.centre, 3 * patch, c.anchor_b, 3 * pair);
    relativeRotation(R, a, b, relative);
    for (let k = 0; k < 9; k++) c.anchor_R[9 * pair + k] = relative[k];
    c.anchor_twist[pair] = 0;
    c.anchored[pair] = 1;
  }

  /** Biases of the friction rows from r on, that undo what the two bodies moved apart since they stick. */
  private pullToAnchor(patch: number, pair: number, a: number, b: number, r: number, dt: number): void {
    const { contacts: c, rows, tangent, relative, centre } = this;
    const { rigid_R: R, rigid_p: p } = c.colliders;
    const A = 9 * a;
    const B = 9 * b;
    const k = 3 * pair;
    const la = c.anchor_a;
    const lb = c.anchor_b;
    const ax = p[3 * a] + R[A] * la[k] + R[A + 1] * la[k + 1] + R[A + 2] * la[k + 2];
    const ay = p[3 * a + 1] + R[A + 3] * la[k] + R[A + 4] * la[k + 1] + R[A + 5] * la[k + 2];
    const az = p[3 * a + 2] + R[A + 6] * la[k] + R[A + 7] * la[k + 1] + R[A + 8] * la[k + 2];
    const ex = p[3 * b] + R[B] * lb[k] + R[B + 1] * lb[k + 1] + R[B + 2] * lb[k + 2] - ax;
    const ey = p[3 * b + 1] + R[B + 3] * lb[k] + R[B + 4] * lb[k + 1] + R[B + 5] * lb[k + 2] - ay;
    const ez = p[3 * b + 2] + R[B + 6] * lb[k] + R[B + 7] * lb[k + 1] + R[B + 8] * lb[k + 2] - az;
    const rate = this.options.anchor_correction / dt;
    const t = 6 * patch;
    rows.bias[r] = rate * (ex * tangent[t] + ey * tangent[t + 1] + ez * tangent[t + 2]);
    rows.bias[r + 1] = rate * (ex * tangent[t + 3] + ey * tangent[t + 4] + ez * tangent[t + 5]);

    // Rotation since then, in a's axes: relative · anchorᵀ; the part about the normal.
    relativeRotation(R, a, b, relative);
    const Q = c.anchor_R;
    const q = 9 * pair;
    const vx = 0.5 * (rowDot(relative, 6, Q, q + 3) - rowDot(relative, 3, Q, q + 6));
    const vy = 0.5 * (rowDot(relative, 0, Q, q + 6) - rowDot(relative, 6, Q, q));
    const vz = 0.5 * (rowDot(relative, 3, Q, q) - rowDot(relative, 0, Q, q + 3));
    const nx = c.patch_normal[3 * patch];
    const ny = c.patch_normal[3 * patch + 1];
    const nz = c.patch_normal[3 * patch + 2];
    const twist =
      c.anchor_twist[pair] +
      vx * (R[A] * nx + R[A + 3] * ny + R[A + 6] * nz) +
      vy * (R[A + 1] * nx + R[A + 4] * ny + R[A + 7] * nz) +
      vz * (R[A + 2] * nx + R[A + 5] * ny + R[A + 8] * nz);
    rows.bias[r + 2] = rate * twist;

    if (c.patch_points[patch] > 2) return;
    const dx = centre[3 * patch] - ax;
    const dy = centre[3 * patch + 1] - ay;
    const dz = centre[3 * patch + 2] - az;
    if (dx * dx + dy * dy + dz * dz < ROLLING * ROLLING) return;
    this.setAnchor(patch, pair, a, b);
    // Only what is along the surface: height would turn into slip as the body rolls on.
    const en = ex * nx + ey * ny + ez * nz;
    const sx = ex - en * nx;
    const sy = ey - en * ny;
    const sz = ez - en * nz;
    lb[k] += R[B] * sx + R[B + 3] * sy + R[B + 6] * sz;
    lb[k + 1] += R[B + 1] * sx + R[B + 4] * sy + R[B + 7] * sz;
    lb[k + 2] += R[B + 2] * sx + R[B + 5] * sy + R[B + 8] * sz;
    c.anchor_twist[pair] = twist;
  }

  /** One sweep over a patch: its points, then its friction, scaled back to the bound. */
  private sweepPatch(patch: number): void {
    const { contacts: c, rows } = this;
    const { impulse, diagonal, change } = rows;
    const f = this.friction_row[patch];
    let load = 0;
    for (let r = f - c.patch_points[patch]; r < f; r++) {
      rows.sweepPushing(r);
      load += impulse[r];
    }
    const bound = c.pair_friction[c.patch_pair[patch]] * load;
    const a0 = impulse[f];
    const a1 = impulse[f + 1];
    const a2 = impulse[f + 2];
    this.saturated[patch] = 1;
    if (bound === 0 && a0 === 0 && a1 === 0 && a2 === 0) return;
    rows.sweep(f);
    rows.sweep(f + 1);
    rows.sweep(f + 2);
    const turn = impulse[f + 2] / this.lever[patch];
    const square = impulse[f] * impulse[f] + impulse[f + 1] * impulse[f + 1] + turn * turn;
    if (square > bound * bound) {
      rows.factor[0] = bound / Math.sqrt(square);
      rows.scale(f);
      rows.scale(f + 1);
      rows.scale(f + 2);
    } else this.saturated[patch] = 0;
    const e0 = (impulse[f] - a0) * (impulse[f] - a0) * diagonal[f];
    const e1 = (impulse[f + 1] - a1) * (impulse[f + 1] - a1) * diagonal[f + 1];
    const e2 = (impulse[f + 2] - a2) * (impulse[f + 2] - a2) * diagonal[f + 2];
    change[0] = Math.max(change[0], e0, e1, e2);
  }

  /** Keeps what the next step starts from. */
  private remember(): void {
    const { contacts: c, rows, step_number } = this;
    for (let patch = 0; patch < c.patches; patch++) {
      const pair = c.patch_pair[patch];
      const points = c.patch_points[patch];
      const f = this.friction_row[patch];
      const from = c.patch_first[patch];
      c.touched[pair] = step_number;
      c.old_points[pair] = points;
      for (let k = 0; k < points; k++) {
        c.old_id[MAX_POINTS * pair + k] = c.id[from + k];
        c.old_impulse[MAX_POINTS * pair + k] = rows.impulse[f - points + k];
      }
      for (let k = 0; k < 3; k++) c.old_friction[3 * pair + k] = rows.impulse[f + k];
      if (this.saturated[patch] === 1) c.anchored[pair] = 0;
    }
  }

  private writeVelocities(dt: number): void {
    const { robot, objects } = this;
    const { u, nq } = this.rows;
    for (let i = 0; i < nq; i++) {
      robot.v[i] = u[i];
      robot.q[i] += dt * u[i];
    }
    for (let k = 0; k < objects.length; k++) {
      const body = objects[k];
      const o = nq + 6 * k;
      body.velocity.set(u[o], u[o + 1], u[o + 2]);
      body.angularVelocity.set(u[o + 3], u[o + 4], u[o + 5]);
      // Already in the velocity: cannon's own integration must not add them again.
      body.force.set(0, 0, 0);
      body.torque.set(0, 0, 0);
    }
  }
}

/** The point points[at ..] of the world in the frame of rigid body b, into out[o ..]. */
function toLocal(
  R: Float64Array,
  p: Float64Array,
  b: number,
  points: Float64Array,
  at: number,
  out: Float64Array,
  o: number,
): void {
  const B = 9 * b;
  const dx = points[at] - p[3 * b];
  const dy = points[at + 1] - p[3 * b + 1];
  const dz = points[at + 2] - p[3 * b + 2];
  for (let k = 0; k < 3; k++) out[o + k] = R[B + k] * dx + R[B + 3 + k] * dy + R[B + 6 + k] * dz;
}

/** R_aᵀ R_b. */
function relativeRotation(R: Float64Array, a: number, b: number, out: Float64Array): void {
  const A = 9 * a;
  const B = 9 * b;
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      out[3 * i + j] = R[A + i] * R[B + j] + R[A + 3 + i] * R[B + 3 + j] + R[A + 6 + i] * R[B + 6 + j];
    }
  }
}

/** Product of rows of two 3×3 matrices, each given by its first element. */
function rowDot(P: Float64Array, p: number, Q: Float64Array, q: number): number {
  return P[p] * Q[q] + P[p + 1] * Q[q + 1] + P[p + 2] * Q[q + 2];
}
