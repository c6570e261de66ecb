import { Anchors } from './anchors.ts';
import type { ContactOptions } from './contact_options.ts';
import type { Contacts } from './contacts.ts';
import { MAX_POINTS } from './manifold.ts';
import type { Rows } from './rows.ts';

/** Weight of an unloaded point in the centre of pressure (N s), least lever of torsional friction (m). */
const UNLOADED = 1e-7;
const LEAST_LEVER = 1e-4;

/**
 * Rows of the contact patches: one per point, which only pushes, and three of friction at the centre of pressure: two
 * tangents and the torsion about the normal.
 */
export class Patches {
  /** Per patch: first of its friction rows, which its points' rows precede; centre of pressure 3 (m); tangents 6. */
  readonly friction_row: Int32Array;
  readonly centre: Float64Array;
  readonly tangent: Float64Array;
  /** Mean lever of torsional friction (m), and whether friction is at its bound. */
  private readonly lever: Float64Array;
  private readonly saturated: Uint8Array;
  private readonly contacts: Contacts;
  private readonly rows: Rows;
  private readonly options: ContactOptions;
  private readonly anchors: Anchors;

  constructor(contacts: Contacts, rows: Rows, options: ContactOptions) {
    const pairs = contacts.pair_a.length;
    this.contacts = contacts;
    this.rows = rows;
    this.options = options;
    this.friction_row = new Int32Array(pairs);
    this.centre = new Float64Array(3 * pairs);
    this.tangent = new Float64Array(6 * pairs);
    this.lever = new Float64Array(pairs);
    this.saturated = new Uint8Array(pairs);
    this.anchors = new Anchors(contacts, rows, this.centre, this.tangent, options.anchor_correction);
  }

  /** Rows of one patch from row r on for a step of `dt` (s), warm-started; returns the next free row. */
  build(patch: number, r: number, dt: number, step_number: number): number {
    const { contacts: c, rows, options, tangent, centre } = this;
    const { point, gap, id } = c;
    const pair = c.patch_pair[patch];
    const a = c.colliders.rigid[c.pair_a[pair]];
    const b = c.colliders.rigid[c.pair_b[pair]];
    const from = c.patch_first[patch];
    const to = from + c.patch_points[patch];
    const warm = c.touched[pair] === step_number - 1;
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

    const t = 6 * patch;
    setTangents(c.patch_normal, 3 * patch, tangent, t);
    rows.build(r, a, b, centre, 3 * patch, tangent, t, false);
    rows.build(r + 1, a, b, centre, 3 * patch, tangent, t + 3, false);
    rows.build(r + 2, a, b, centre, 3 * patch, c.patch_normal, 3 * patch, true);
    this.friction_row[patch] = r;
    if (warm && c.anchored[pair] === 1) this.anchors.pull(patch, pair, a, b, r, dt);
    else this.anchors.set(patch, pair, a, b);
    if (warm) {
      for (let k = 0; k < 3; k++) {
        rows.impulse[r + k] = c.old_friction[3 * pair + k];
        rows.warmStart(r + k);
      }
    }
    return r + 3;
  }

  /** One sweep over a patch: its points, then its friction, scaled back to the bound. */
  sweep(patch: number): void {
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

  /** Keeps what the step after `step_number` starts from. */
  remember(step_number: number): void {
    const { contacts: c, rows } = this;
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
}

/** Two unit tangents across the normal normals[n ..], that turn continuously with it, into tangent[t ..]. */
function setTangents(normals: Float64Array, n: number, tangent: Float64Array, t: number): void {
  const nx = normals[n];
  const ny = normals[n + 1];
  const nz = normals[n + 2];
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
  tangent[t] = tx;
  tangent[t + 1] = ty;
  tangent[t + 2] = tz;
  tangent[t + 3] = sx;
  tangent[t + 4] = sy;
  tangent[t + 5] = sz;
}
