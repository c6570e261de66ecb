import type { ContactPoint } from '../engine.ts';
import { floats, type MainModule, type MjData, type MjModel } from './module.ts';

/** Numbers kept of a contact point: bodies a and b, position 3, normal 3, force 3, depth. */
export const CONTACT_WIDTH = 12;

/** Contact points with force of one step, copied out of MuJoCo when somebody asks. */
export class ContactList {
  count = 0;
  values: Float64Array = new Float64Array(16 * CONTACT_WIDTH);
  private readonly geom_number: Int32Array;

  constructor(geom_number: Int32Array) {
    this.geom_number = geom_number;
  }

  /** @param force  room for 6 doubles */
  read(mujoco: MainModule, model: MjModel, data: MjData, force: InstanceType<MainModule['DoubleBuffer']>): void {
    this.count = 0;
    const { ncon } = data;
    if (ncon === 0) return;
    const contacts = data.contact;
    for (let k = 0; k < ncon; k++) {
      const contact = contacts.get(k);
      if (contact === undefined) continue;
      mujoco.mj_contactForce(model, data, k, force);
      const f = floats(force.GetView());
      if (f[0] > 0) {
        this.add(contact.geom1, contact.geom2, contact.dist, floats(contact.pos), floats(contact.frame), f);
      }
      contact.delete();
    }
    contacts.delete();
  }

  private add(a: number, b: number, gap: number, pos: Float64Array, frame: Float64Array, f: Float64Array): void {
    const o = this.count++ * CONTACT_WIDTH;
    if (o >= this.values.length) {
      const grown = new Float64Array(2 * o);
      grown.set(this.values);
      this.values = grown;
    }
    const { values, geom_number } = this;
    values[o] = geom_number[a];
    values[o + 1] = geom_number[b];
    for (let i = 0; i < 3; i++) {
      values[o + 2 + i] = pos[i];
      values[o + 5 + i] = frame[i];
      values[o + 8 + i] = f[0] * frame[i] + f[1] * frame[3 + i] + f[2] * frame[6 + i];
    }
    values[o + 11] = -gap;
  }

  bodyA(k: number): number {
    return this.values[k * CONTACT_WIDTH];
  }

  bodyB(k: number): number {
    return this.values[k * CONTACT_WIDTH + 1];
  }

  /** Takes over `count` points that were saved. */
  load(values: Float64Array, count: number): void {
    if (values.length > this.values.length) this.values = new Float64Array(values.length);
    this.values.set(values);
    this.count = count;
  }

  get(k: number, out: ContactPoint): void {
    const o = k * CONTACT_WIDTH;
    const { values } = this;
    out.a = values[o];
    out.b = values[o + 1];
    for (let i = 0; i < 3; i++) {
      out.position[i] = values[o + 2 + i];
      out.normal[i] = values[o + 5 + i];
      out.force[i] = values[o + 8 + i];
    }
    out.depth_m = values[o + 11];
  }
}
