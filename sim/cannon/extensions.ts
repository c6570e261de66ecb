import { type Body, Broadphase, type Material, Narrowphase, type Quaternion, Shape, Vec3, type World } from 'cannon-es';
import type { Contacts } from './contacts.ts';

/**
 * Broadphase of a World whose admissible pairs are listed once; hands them to the narrowphase past cannon's body pairs.
 */
export class PairListBroadphase extends Broadphase {
  private readonly contacts: Contacts;

  constructor(contacts: Contacts) {
    super();
    this.contacts = contacts;
  }

  override collisionPairs(_world: World, _bodies1: Body[], _bodies2: Body[]): void {
    this.contacts.findCandidates();
  }
}

/**
 * Narrowphase that fills contact patches in flat arrays. No ContactEquation is made: cannon keeps those in pools shared
 * by all worlds of a process, without feature ids, and its friction does not depend on the normal force.
 */
export class PatchNarrowphase extends Narrowphase {
  private readonly contacts: Contacts;

  constructor(world: World, contacts: Contacts) {
    super(world);
    this.contacts = contacts;
  }

  override getContacts(): void {
    this.contacts.findContacts();
  }
}

/** A true cylinder about z; cannon's own is a prism about y with the inertia of its bounding box. */
export class RoundCylinder extends Shape {
  readonly radius: number;
  readonly half_length: number;

  constructor(radius: number, length: number, material?: Material) {
    super({ type: Shape.types.CYLINDER, ...(material ? { material } : {}) });
    this.radius = radius;
    this.half_length = length / 2;
    this.updateBoundingSphereRadius();
  }

  override updateBoundingSphereRadius(): void {
    this.boundingSphereRadius = Math.hypot(this.radius, this.half_length);
  }

  override volume(): number {
    return Math.PI * this.radius ** 2 * 2 * this.half_length;
  }

  override calculateLocalInertia(mass: number, target: Vec3 = new Vec3()): Vec3 {
    const across = (mass * (3 * this.radius ** 2 + (2 * this.half_length) ** 2)) / 12;
    target.set(across, across, (mass * this.radius ** 2) / 2);
    return target;
  }

  override calculateWorldAABB(position: Vec3, orientation: Quaternion, min: Vec3, max: Vec3): void {
    const axis = orientation.vmult(new Vec3(0, 0, 1));
    const extent = (t: number) => this.radius * Math.sqrt(Math.max(0, 1 - t * t)) + this.half_length * Math.abs(t);
    const e = new Vec3(extent(axis.x), extent(axis.y), extent(axis.z));
    position.vsub(e, min);
    position.vadd(e, max);
  }
}
