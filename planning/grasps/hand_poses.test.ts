import { expect, test } from 'vitest';
import { createRng, type Vector3 } from '../../contracts/index.ts';
import { cross, dot, pairAxis, unit } from './contact_pair.ts';
import { handPoses } from './hand_poses.ts';

test('every pose is a rotation that closes along the contacts, as near to the wanted approach as can be', () => {
  for (let seed = 0; seed < 300; seed++) {
    const rng = createRng(seed);
    const random = (): Vector3 => [rng.normal(), rng.normal(), rng.normal()];
    const pair = { a: random(), b: random(), normal_a: unit(random()), normal_b: unit(random()) };
    const wanted = unit(random());
    const turn = rng.range(-1, 1);
    const poses = handPoses(pair, wanted, [0, turn]);
    expect(poses, `seed ${seed}`).toHaveLength(4);
    const axis = pairAxis(pair);
    for (const [k, T] of poses.entries()) {
      const [x, y, z] = [0, 1, 2].map((c): Vector3 => [T[c], T[3 + c], T[6 + c]]);
      expect(dot(cross(x, y), z), `seed ${seed}`).toBeCloseTo(1, 12);
      expect(dot(x, y), `seed ${seed}`).toBeCloseTo(0, 12);
      expect(Math.abs(dot(y, axis)), `seed ${seed}`).toBeCloseTo(1, 12);
      const best = Math.sqrt(1 - dot(wanted, axis) ** 2);
      expect(dot(z, wanted), `seed ${seed}`).toBeCloseTo(k < 2 ? best : best * Math.cos(turn), 12);
      expect([...T.subarray(9)].map((p, i) => p - (pair.a[i] + pair.b[i]) / 2).every((d) => Math.abs(d) < 1e-12)).toBe(
        true,
      );
    }
    const [, ya] = [0, poses[0]];
    expect(dot([ya[1], ya[4], ya[7]], [poses[1][1], poses[1][4], poses[1][7]]), `seed ${seed}`).toBeCloseTo(-1, 12);
  }
});

test('there is none where the hand would have to come along the line it closes on', () => {
  const pair = { a: [0, 0, 0], b: [0, 0, 1], normal_a: [0, 0, -1], normal_b: [0, 0, 1] } as const;
  expect(handPoses(pair, [0, 0, -1])).toEqual([]);
});
