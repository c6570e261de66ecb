import { Vec3 } from 'cannon-es';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { RigidObject } from './rigid_object.ts';

function tumbling(inertia: Vec3, w: Vec3): RigidObject {
  const body = new RigidObject({ mass: 1 });
  body.inertia.copy(inertia);
  body.invInertia.set(1 / inertia.x, 1 / inertia.y, 1 / inertia.z);
  body.quaternion.set(0.1, -0.3, 0.2, 0.9);
  body.quaternion.normalize();
  body.updateInertiaWorld(true);
  body.angularVelocity.copy(w);
  return body;
}

function state(body: RigidObject): { momentum: Vec3; energy: number } {
  const w = body.quaternion.inverse().vmult(body.angularVelocity);
  const local = w.vmul(body.inertia);
  return { momentum: body.quaternion.vmult(local), energy: 0.5 * w.dot(local) };
}

describe('free rotation', () => {
  it('keeps angular momentum and kinetic energy, however it tumbles', () => {
    const rng = createRng(11);
    for (let trial = 0; trial < 20; trial++) {
      const [a, b, c] = [rng.range(1, 3), rng.range(1, 3), rng.range(1, 3)];
      const body = tumbling(new Vec3(a, b, c), new Vec3(rng.normal(), rng.normal(), rng.normal()).scale(20));
      const start = state(body);
      for (let k = 0; k < 5000; k++) body.integrate(0.002, true, false);
      const end = state(body);
      const lost = end.momentum.vsub(start.momentum).length() / start.momentum.length();
      expect(lost, `trial ${trial}`).toBeLessThan(1e-11);
      expect(Math.abs(end.energy / start.energy - 1), `trial ${trial}`).toBeLessThan(1e-10);
    }
  });

  it('turns as a body does that is stepped much finer, with the square of the step', () => {
    const end = (dt: number) => {
      const body = tumbling(new Vec3(1, 2, 2.8), new Vec3(0.1, 6, 0.1));
      for (let k = 0; k < Math.round(1 / dt); k++) body.integrate(dt, true, false);
      return body.quaternion;
    };
    const exact = end(1e-5);
    const error = (dt: number) => {
      const q = end(dt);
      return Math.acos(Math.min(1, Math.abs(q.x * exact.x + q.y * exact.y + q.z * exact.z + q.w * exact.w)));
    };
    expect(error(0.002)).toBeLessThan(1e-2);
    expect(error(0.004) / error(0.002)).toBeGreaterThan(3.5);
    expect(error(0.004) / error(0.002)).toBeLessThan(4.5);
  });
});
