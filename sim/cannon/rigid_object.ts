import { Body } from 'cannon-es';

/** Slower than this (rad/s) nothing turns. */
const SPINNING = 1e-6;
/** Newton's method doubles the digits: fewer rounds would do below 100 rad/s in a step of 2 ms. */
const ROUNDS = 4;

/**
 * A body of cannon with the gyroscopic torque, which cannon leaves out. Its free rotation is the implicit midpoint rule
 * in the body's axes, I (Ω' − Ω) = −Δt Ω̄ × I Ω̄ with Ω̄ the mean of Ω and Ω', and the Cayley map of Δt Ω̄ as rotation, which
 * keep kinetic energy and angular momentum (Hairer, Lubich, Wanner, Geometric Numerical Integration, 2006, VII.5).
 */
export class RigidObject extends Body {
  override integrate(dt: number, quatNormalize: boolean, quatNormalizeFast: boolean): void {
    const { inertia, angularVelocity: w, quaternion } = this;
    const { x: a, y: b, z: c } = inertia;
    if ((a === b && b === c) || w.x * w.x + w.y * w.y + w.z * w.z < SPINNING * SPINNING) {
      super.integrate(dt, quatNormalize, quatNormalizeFast);
      return;
    }
    const { x: qx, y: qy, z: qz, w: qw } = quaternion;
    const r0 = 1 - 2 * (qy * qy + qz * qz);
    const r1 = 2 * (qx * qy - qz * qw);
    const r2 = 2 * (qx * qz + qy * qw);
    const r3 = 2 * (qx * qy + qz * qw);
    const r4 = 1 - 2 * (qx * qx + qz * qz);
    const r5 = 2 * (qy * qz - qx * qw);
    const r6 = 2 * (qx * qz - qy * qw);
    const r7 = 2 * (qy * qz + qx * qw);
    const r8 = 1 - 2 * (qx * qx + qy * qy);
    const x0 = r0 * w.x + r3 * w.y + r6 * w.z;
    const y0 = r1 * w.x + r4 * w.y + r7 * w.z;
    const z0 = r2 * w.x + r5 * w.y + r8 * w.z;
    // Newton's method for Ω̄: 2 I (Ω̄ − Ω) + Δt Ω̄ × I Ω̄ = 0.
    const h = 0.5 * dt;
    let x = x0;
    let y = y0;
    let z = z0;
    for (let round = 0; round < ROUNDS; round++) {
      const f0 = a * (x - x0) + h * y * z * (c - b);
      const f1 = b * (y - y0) + h * z * x * (a - c);
      const f2 = c * (z - z0) + h * x * y * (b - a);
      const j01 = h * z * (c - b);
      const j02 = h * y * (c - b);
      const j10 = h * z * (a - c);
      const j12 = h * x * (a - c);
      const j20 = h * y * (b - a);
      const j21 = h * x * (b - a);
      const m0 = b * c - j12 * j21;
      const m1 = j12 * j20 - j10 * c;
      const m2 = j10 * j21 - b * j20;
      const inverse = 1 / (a * m0 + j01 * m1 + j02 * m2);
      const dx = inverse * (f0 * m0 + f1 * (j02 * j21 - j01 * c) + f2 * (j01 * j12 - j02 * b));
      const dy = inverse * (f0 * m1 + f1 * (a * c - j02 * j20) + f2 * (j02 * j10 - a * j12));
      const dz = inverse * (f0 * m2 + f1 * (j01 * j20 - a * j21) + f2 * (a * b - j01 * j10));
      x -= dx;
      y -= dy;
      z -= dz;
      if (dx * dx + dy * dy + dz * dz < 1e-28 * (x * x + y * y + z * z)) break;
    }
    // The angular momentum that stays, in the world's axes.
    const lx = a * x0;
    const ly = b * y0;
    const lz = c * z0;
    const L0 = r0 * lx + r1 * ly + r2 * lz;
    const L1 = r3 * lx + r4 * ly + r5 * lz;
    const L2 = r6 * lx + r7 * ly + r8 * lz;
    w.set(r0 * x + r1 * y + r2 * z, r3 * x + r4 * y + r5 * z, r6 * x + r7 * y + r8 * z);
    super.integrate(dt, quatNormalize, quatNormalizeFast);
    const e = this.invInertiaWorld.elements;
    w.set(e[0] * L0 + e[1] * L1 + e[2] * L2, e[3] * L0 + e[4] * L1 + e[5] * L2, e[6] * L0 + e[7] * L1 + e[8] * L2);
  }
}
