import { expect, test } from 'vitest';
import { createRng, type Rng, type Vector3 } from '../../contracts/index.ts';
import { type ContactPair, cross, dot, unit } from './contact_pair.ts';
import { holdPerNewton } from './hold.ts';

const direction = (rng: Rng): Vector3 => unit([rng.normal(), rng.normal(), rng.normal()]);

/** Contacts 40 mm apart whose normals are turned away from their line by `slant`. */
function contacts(axis: Vector3, slant: number, rng: Rng): ContactPair {
  const tilt = (n: Vector3): Vector3 => {
    const side = unit(cross(n, direction(rng)));
    return unit([0, 1, 2].map((k) => Math.cos(slant) * n[k] + Math.sin(slant) * side[k]) as unknown as Vector3);
  };
  const at = (d: number): Vector3 => [d * axis[0], d * axis[1], d * axis[2]];
  return { a: at(-0.02), b: at(0.02), normal_a: tilt(unit(at(-1))), normal_b: tilt(axis) };
}

test('is the weight that friction and torsion of two pads carry in every direction across the fingers, and no more', () => {
  for (let seed = 0; seed < 300; seed++) {
    const rng = createRng(seed);
    const axis = direction(rng);
    const pads = { friction: rng.range(0.2, 1.2), radius_m: rng.range(0.004, 0.012) };
    const side = unit(cross(axis, direction(rng)));
    const lever = rng.range(0, 0.03);
    const shift = rng.range(-0.01, 0.01);
    const centre: Vector3 = [0, 1, 2].map((k) => lever * side[k] + shift * axis[k]) as unknown as Vector3;
    const hold = holdPerNewton(contacts(axis, 0, rng), centre, pads);
    const grip_N = 1 / hold;
    let worst = 0;
    for (let k = 0; k < 400; k++) {
      const weight = unit(cross(axis, direction(rng)));
      const torsion = dot(axis, cross(centre, weight));
      const share =
        (1 / (2 * pads.friction * grip_N)) ** 2 +
        (torsion / (2 * (2 / 3) * pads.radius_m * pads.friction * grip_N)) ** 2;
      worst = Math.max(worst, share);
    }
    expect(worst, `seed ${seed}`).toBeLessThan(1 + 1e-9);
    expect(worst, `seed ${seed}`).toBeGreaterThan(0.98);
  }
});

test('falls with slant and with the distance from the centre of mass, and is 0 just where a friction cone is left', () => {
  for (let seed = 0; seed < 200; seed++) {
    const rng = createRng(seed);
    const axis = direction(rng);
    const pads = { friction: rng.range(0.2, 1.2), radius_m: 0.008 };
    const cone = Math.atan(pads.friction);
    const side = unit(cross(axis, direction(rng)));
    const at = (lever: number): Vector3 => [lever * side[0], lever * side[1], lever * side[2]];
    const slants = [0, 0.3 * cone, 0.7 * cone, 0.999 * cone];
    const holds = slants.map((slant) => holdPerNewton(contacts(axis, slant, rng), at(0), pads));
    for (let k = 1; k < holds.length; k++) expect(holds[k], `seed ${seed}`).toBeLessThan(holds[k - 1]);
    expect(holds[3], `seed ${seed}`).toBeGreaterThan(0);
    expect(holdPerNewton(contacts(axis, 1.001 * cone, rng), at(0), pads), `seed ${seed}`).toBe(0);
    const square = contacts(axis, 0, rng);
    const far = [0, 0.005, 0.01, 0.03].map((lever) => holdPerNewton(square, at(lever), pads));
    for (let k = 1; k < far.length; k++) expect(far[k], `seed ${seed}`).toBeLessThan(far[k - 1]);
  }
});
