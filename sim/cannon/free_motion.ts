import type { Body, World } from 'cannon-es';
import type { ArmMotion } from './arm_motion.ts';
import type { Rows } from './rows.ts';

/**
 * Velocities of arm and objects after `dt` (s) without contact, into the rows' u; factors the arm's M, and sets the
 * objects' inverse masses and inertias in the rows.
 */
export function freeMotion(dt: number, world: World, arm: ArmMotion, objects: readonly Body[], rows: Rows): void {
  const { u, nq } = rows;
  arm.advance(dt, world.gravity, u);
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
  }
}
