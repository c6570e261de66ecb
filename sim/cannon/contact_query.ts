import type { ContactPoint } from '../engine.ts';
import type { Contacts } from './contacts.ts';
import type { Patches } from './patches.ts';
import type { Rows } from './rows.ts';

/** What the contacts of the last step did to the bodies, from the impulses of the solver's rows. Allocates nothing. */
export class ContactQuery {
  private readonly contacts: Contacts;
  private readonly patches: Patches;
  private readonly rows: Rows;
  private readonly dt_s: number;
  /** 1 for every rigid body that is the hand or a finger. */
  private readonly is_hand: Uint8Array;
  /** Patch and point of every contact point with force, of the step `listed`. */
  private readonly patch: Int32Array;
  private readonly point: Int32Array;
  private listed = -1;
  private count = 0;

  constructor(contacts: Contacts, patches: Patches, rows: Rows, dt_s: number, is_hand: Uint8Array) {
    this.contacts = contacts;
    this.patches = patches;
    this.rows = rows;
    this.dt_s = dt_s;
    this.is_hand = is_hand;
    this.patch = new Int32Array(contacts.gap.length);
    this.point = new Int32Array(contacts.gap.length);
  }

  /** Forgets what it listed: the patches are no longer those of a step. */
  reset(): void {
    this.listed = -1;
  }

  /** Number of contact points with force at step `step`, the last. */
  list(step: number): number {
    if (this.listed === step) return this.count;
    const { contacts, patches, rows } = this;
    this.listed = step;
    this.count = 0;
    for (let k = 0; k < contacts.patches; k++) {
      const points = contacts.patch_points[k];
      const first = patches.friction_row[k] - points;
      for (let i = 0; i < points; i++) {
        if (rows.impulse[first + i] <= 0) continue;
        this.patch[this.count] = k;
        this.point[this.count++] = i;
      }
    }
    return this.count;
  }

  /**
   * Contact point `index` of those listed. A patch has one friction force and one torsion at its centre of pressure:
   * they are shared among its points by their load, so that force and moment about the normal are the patch's own (but
   * for the torsion of a single point).
   */
  read(index: number, out: ContactPoint): void {
    const { contacts, rows, dt_s } = this;
    const { tangent, friction_row, centre } = this.patches;
    const patch = this.patch[index];
    const pair = contacts.patch_pair[patch];
    const points = contacts.patch_points[patch];
    const from = contacts.patch_first[patch];
    const f = friction_row[patch];
    const n = contacts.patch_normal;
    const k = 3 * patch;
    const t = 6 * patch;
    const at = 3 * (from + this.point[index]);
    const load = rows.impulse[f - points + this.point[index]];
    let total = 0;
    let x = 0;
    let y = 0;
    let z = 0;
    for (let i = 0; i < points; i++) {
      const weight = rows.impulse[f - points + i];
      total += weight;
      x += weight * contacts.point[3 * (from + i)];
      y += weight * contacts.point[3 * (from + i) + 1];
      z += weight * contacts.point[3 * (from + i) + 2];
    }
    x /= total;
    y /= total;
    z /= total;
    const s0 = rows.impulse[f];
    const s1 = rows.impulse[f + 1];
    const fx = s0 * tangent[t] + s1 * tangent[t + 3];
    const fy = s0 * tangent[t + 1] + s1 * tangent[t + 4];
    const fz = s0 * tangent[t + 2] + s1 * tangent[t + 5];
    // Friction acts at the centre of pressure the step began with; moved to the present one it turns by c × f.
    const cx = centre[k] - x;
    const cy = centre[k + 1] - y;
    const cz = centre[k + 2] - z;
    const turn =
      rows.impulse[f + 2] +
      n[k] * (cy * fz - cz * fy) +
      n[k + 1] * (cz * fx - cx * fz) +
      n[k + 2] * (cx * fy - cy * fx);
    let lever = 0;
    for (let i = 0; i < points; i++) {
      const p = 3 * (from + i);
      const dx = contacts.point[p] - x;
      const dy = contacts.point[p + 1] - y;
      const dz = contacts.point[p + 2] - z;
      const along = dx * n[k] + dy * n[k + 1] + dz * n[k + 2];
      lever += rows.impulse[f - points + i] * (dx * dx + dy * dy + dz * dz - along * along);
    }
    const twist = lever > 0 ? (turn * load) / lever : 0;
    const share = load / total;
    const rx = contacts.point[at] - x;
    const ry = contacts.point[at + 1] - y;
    const rz = contacts.point[at + 2] - z;
    out.force[0] = (load * n[k] + share * fx + twist * (n[k + 1] * rz - n[k + 2] * ry)) / dt_s;
    out.force[1] = (load * n[k + 1] + share * fy + twist * (n[k + 2] * rx - n[k] * rz)) / dt_s;
    out.force[2] = (load * n[k + 2] + share * fz + twist * (n[k] * ry - n[k + 1] * rx)) / dt_s;
    for (let i = 0; i < 3; i++) {
      out.position[i] = contacts.point[at + i];
      out.normal[i] = n[k + i];
    }
    out.a = contacts.colliders.rigid[contacts.pair_a[pair]];
    out.b = contacts.colliders.rigid[contacts.pair_b[pair]];
    out.depth_m = -contacts.gap[from + this.point[index]];
  }

  /** Contact force on the hand and fingers (N) and torque about the frame `tool` (pose 12; Nm), world axes, into `out`. */
  handWrench(tool: Float64Array, out: Float64Array): void {
    const { contacts, is_hand } = this;
    const { rigid } = contacts.colliders;
    for (let k = 0; k < 6; k++) out[k] = 0;
    for (let patch = 0; patch < contacts.patches; patch++) {
      const pair = contacts.patch_pair[patch];
      const a = is_hand[rigid[contacts.pair_a[pair]]];
      const b = is_hand[rigid[contacts.pair_b[pair]]];
      if (a !== b) this.addPatchWrench(patch, (b - a) / this.dt_s, tool, out);
    }
  }

  /** True if a contact with force joins the hand or a finger to rigid body `other`. */
  handTouches(other: number): boolean {
    const { contacts, is_hand, rows, patches } = this;
    const { rigid } = contacts.colliders;
    for (let patch = 0; patch < contacts.patches; patch++) {
      const pair = contacts.patch_pair[patch];
      const a = rigid[contacts.pair_a[pair]];
      const b = rigid[contacts.pair_b[pair]];
      if (!((a === other && is_hand[b] === 1) || (b === other && is_hand[a] === 1))) continue;
      const f = patches.friction_row[patch];
      for (let r = f - contacts.patch_points[patch]; r < f; r++) if (rows.impulse[r] > 0) return true;
    }
    return false;
  }

  /** Generalised force of all contacts on the robot's joints, nq (Nm or N): Σ Jᵀ f. */
  robotForce(out: Float64Array): void {
    const { contacts, rows, patches } = this;
    out.fill(0);
    for (let patch = 0; patch < contacts.patches; patch++) {
      const f = patches.friction_row[patch];
      for (let r = f - contacts.patch_points[patch]; r < f + 3; r++) rows.addRobotImpulse(r, out);
    }
    for (let i = 0; i < out.length; i++) out[i] /= this.dt_s;
  }

  /** Adds `scale` times the impulse of a patch on its second body, as a wrench about the tool frame. */
  private addPatchWrench(patch: number, scale: number, tool: Float64Array, out: Float64Array): void {
    const { contacts, rows } = this;
    const { tangent, centre } = this.patches;
    const f = this.patches.friction_row[patch];
    const points = contacts.patch_points[patch];
    const from = contacts.patch_first[patch];
    const n = contacts.patch_normal;
    const k = 3 * patch;
    for (let i = 0; i < points; i++) {
      const value = scale * rows.impulse[f - points + i];
      const o = 3 * (from + i);
      addForce(contacts.point, o, tool, value * n[k], value * n[k + 1], value * n[k + 2], out);
    }
    const t = 6 * patch;
    const s0 = scale * rows.impulse[f];
    const s1 = scale * rows.impulse[f + 1];
    const x = s0 * tangent[t] + s1 * tangent[t + 3];
    const y = s0 * tangent[t + 1] + s1 * tangent[t + 4];
    const z = s0 * tangent[t + 2] + s1 * tangent[t + 5];
    addForce(centre, k, tool, x, y, z, out);
    const turn = scale * rows.impulse[f + 2];
    for (let i = 0; i < 3; i++) out[3 + i] += turn * n[k + i];
  }
}

/** Force at points[o ..] as a wrench about the tool frame's origin. */
function addForce(
  points: Float64Array,
  o: number,
  tool: Float64Array,
  x: number,
  y: number,
  z: number,
  out: Float64Array,
): void {
  const rx = points[o] - tool[9];
  const ry = points[o + 1] - tool[10];
  const rz = points[o + 2] - tool[11];
  out[0] += x;
  out[1] += y;
  out[2] += z;
  out[3] += ry * z - rz * y;
  out[4] += rz * x - rx * z;
  out[5] += rx * y - ry * x;
}
