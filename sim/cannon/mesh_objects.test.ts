import { describe, expect, it } from 'vitest';
import { type ConvexMesh, createRng, type Shape } from '../../contracts/index.ts';
import { matrixFromQuaternion, rotate } from '../../dynamics/index.ts';
import { convexHull, massProperties } from '../../robots/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import { ellipsoidPoints } from '../../test/support/mesh_files.ts';
import { hullOfShape, withMeshes } from '../../test/support/mesh_robot.ts';
import { grasp, graspedObject, PANDA, SimRig, sceneObject, tableScene, toolDown } from '../../test/support/sim_rig.ts';
import { objectInertia } from '../object_inertia.ts';
import { collide } from './collide.ts';
import { Colliders } from './colliders.ts';
import { Manifold } from './manifold.ts';

const G = 9.81;
const BOX: Shape = { type: 'box', size: [0.04, 0.05, 0.04] };
const CAN: Shape = { type: 'cylinder', radius: 0.02, length: 0.05 };
const BOX_MESH = hullOfShape(BOX);
const CAN_MESH = hullOfShape(CAN);
const UPRIGHT = [1, 0, 0, 0, 1, 0, 0, 0, 1];

const stone = (seed: number, count = 40): ConvexMesh =>
  convexHull(ellipsoidPoints(createRng(seed, 'stone'), count, [0.03, 0.02, 0.025], [0.004, -0.003, 0.002]));

function world(...args: Parameters<typeof tableScene>): SimRig {
  return new SimRig(tableScene(...args));
}

describe('a box given as a mesh is the box', () => {
  it('at rest: as deep, and as still', () => {
    const [mesh, box] = [BOX_MESH, BOX].map((shape) => {
      const rig = world([sceneObject(shape, [0.5, 0.1, 0.02], { mass_kg: 0.4 })]);
      rig.run(500);
      const start = rig.object(0);
      rig.run(2000);
      const end = rig.object(0);
      for (let k = 0; k < 7; k++) expect(Math.abs(end[k] - start[k]), `${shape.type} ${k}`).toBeLessThan(1e-6);
      return end;
    });
    for (let k = 0; k < 7; k++) expect(Math.abs(mesh[k] - box[k]), `entry ${k}`).toBeLessThan(1e-9);
  });

  it('sliding: v² / 2 μ g, turned as it may be', () => {
    for (const angle of [0, 0.5, 1.1]) {
      const ways = [BOX_MESH, BOX].map((shape) => {
        const orientation = [0, 0, Math.sin(angle / 2), Math.cos(angle / 2)] as const;
        const rig = world([sceneObject(shape, [0.3, 0, 0.02], { friction: 0.6, orientation })]);
        rig.run(200);
        const start = rig.object(0);
        start[7] = 1;
        rig.engine.setObjectState(0, start);
        rig.run(500);
        const end = rig.object(0);
        return Math.hypot(end[0] - start[0], end[1] - start[1]);
      });
      expect(Math.abs(ways[0] / (1 / (2 * 0.6 * G)) - 1), `angle ${angle}`).toBeLessThan(0.03);
      expect(Math.abs(ways[0] / ways[1] - 1), `angle ${angle}`).toBeLessThan(0.005);
    }
  });

  it('turning in the air about three different axes', () => {
    const states = [BOX_MESH, BOX].map((shape) => {
      const rig = world([sceneObject(shape, [0.5, 0, 2], { orientation: [0.1, 0.2, 0.3, Math.sqrt(0.86)] })]);
      const state = rig.object(0);
      state.set([5, -3, 4], 10);
      rig.engine.setObjectState(0, state);
      rig.run(200);
      return rig.object(0);
    });
    for (let k = 0; k < 13; k++) expect(states[0][k], `entry ${k}`).toBeCloseTo(states[1][k], 6);
  });
});

describe('meshes between the fingers', () => {
  /** Whether the object moves by more than 1 mm in the hand under `share` of 2 μ N downwards. */
  function slips(shape: ConvexMesh, mu: number, force_N: number, share: number): boolean {
    const rig = graspedObject(shape, force_N, { finger_friction: mu, friction: mu, mass_kg: 0.02 });
    const start = rig.relative(0);
    let moved = 0;
    const wrench = new Float64Array(6);
    rig.run(1200, (k) => {
      wrench[2] = -(Math.min(1, k / 600) * (share * 2 * mu * force_N - 0.02 * G));
      rig.engine.pushObject(0, wrench);
      const now = rig.relative(0);
      moved = Math.max(moved, Math.hypot(...now.map((x, i) => x - start[i])));
    });
    return moved > 1e-3;
  }

  it.each([
    ['box', BOX_MESH, 0.5, 20],
    ['can of 48 sides', CAN_MESH, 0.8, 12],
  ] as const)('a %s holds at 0.98 of 2 μ N and slips at 1.02', (_, shape, mu, force_N) => {
    expect(slips(shape, mu, force_N, 0.98)).toBe(false);
    expect(slips(shape, mu, force_N, 1.02)).toBe(true);
  });

  it.each([
    ['box', BOX_MESH],
    ['can of 48 sides', CAN_MESH],
  ] as const)('a %s does not creep in 8 s of motion', (_, shape) => {
    const rig = graspedObject(shape, 20, { mass_kg: 0.2 });
    const home = Float64Array.from(rig.command.position);
    const away = toolDown([0.6, -0.15, 0.3], 0.4, Float64Array.from(rig.engine.q));
    const start = rig.relative(0);
    for (let k = 0; k < 4; k++) {
      rig.move(away, 500);
      rig.move(home, 500);
    }
    rig.run(100);
    expect(Math.hypot(...rig.relative(0).map((x, k) => x - start[k]))).toBeLessThan(1e-4);
  });
});

describe('fingers known by meshes alone', () => {
  const robot = withMeshes(PANDA);

  it.each([
    ['box', BOX],
    ['can', CAN],
    ['stone', stone(7, 60)],
  ] as const)('lift and hold a %s', (_, shape) => {
    const rig = grasp(shape, 20, { mass_kg: 0.1 }, (scene, q) => new SimRig(scene, q, {}, robot));
    expect(rig.engine.handTouches(0)).toBe(true);
    const start = rig.relative(0);
    expect(rig.object(0)[2]).toBeGreaterThan(0.15);
    rig.run(1500);
    expect(Math.hypot(...rig.relative(0).map((x, k) => x - start[k]))).toBeLessThan(1e-5);
  });
});

describe('stones of random hulls', () => {
  it('fall and come to rest, and never gain energy', () => {
    for (let seed = 0; seed < 6; seed++) {
      const shape = stone(seed, 12 + 20 * seed);
      const rng = createRng(seed, 'drop');
      const q = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
      const n = Math.hypot(...q);
      const rig = world([
        sceneObject(shape, [0.5, 0.1, 0.2], { orientation: [q[0] / n, q[1] / n, q[2] / n, Math.abs(q[3] / n)] }),
      ]);
      const body = rig.engine.objects[0];
      const energy = () => {
        const w = body.quaternion.inverse().vmult(body.angularVelocity);
        const { x, y, z } = body.inertia;
        const turning = x * w.x ** 2 + y * w.y ** 2 + z * w.z ** 2;
        return 0.5 * (0.1 * body.velocity.lengthSquared() + turning) + 0.1 * G * body.position.z;
      };
      const start = energy();
      let worst = 0;
      rig.run(2500, () => {
        worst = Math.max(worst, energy() - start);
      });
      expect(worst, `seed ${seed}`).toBeLessThan(1e-9);
      const lowest = energy() / (0.1 * G);
      expect(lowest, `seed ${seed} is on the table`).toBeLessThan(0.04);
      expect(lowest, `seed ${seed} is on the table`).toBeGreaterThan(0.01);
    }
  });

  it('keep the names of their contacts while they rest, on the table and on each other', () => {
    const flat = hullOfShape({ type: 'cylinder', radius: 0.03, length: 0.02 });
    const rig = world([
      sceneObject(flat, [0.5, 0, 0.01]),
      sceneObject(BOX_MESH, [0.5, 0, 0.0401]),
      sceneObject(flat, [0.5, 0, 0.0702]),
      sceneObject({ type: 'cylinder', radius: 0.015, length: 0.03 }, [0.5, 0, 0.0953]),
    ]);
    rig.run(1000);
    const { contacts } = rig.engine;
    const names = () =>
      Array.from({ length: contacts.patches }, (_, k) => {
        const from = contacts.patch_first[k];
        const ids = [...contacts.id.subarray(from, from + contacts.patch_points[k])];
        return `${contacts.patch_pair[k]}: ${ids.sort((a, b) => a - b).join(' ')}`;
      }).join('; ');
    const before = names();
    expect(contacts.patches).toBe(4);
    const start = [0, 1, 2, 3].map((k) => rig.object(k));
    rig.run(1500, () => {
      if (names() !== before) throw new Error(`${before} became ${names()}`);
    });
    [0, 1, 2, 3].forEach((k) => {
      const end = rig.object(k);
      for (let i = 0; i < 3; i++) expect(Math.abs(end[i] - start[k][i])).toBeLessThan(1e-6);
    });
  });

  it('a save in a pile of them goes on with the same bytes', () => {
    const objects = [1, 2, 3].map((seed) => sceneObject(stone(seed), [0.5, 0.005 * seed, 0.05 * seed]));
    const rig = world(objects);
    rig.run(300);
    const saved = rig.engine.saveState();
    const later = () => {
      rig.run(200);
      return [0, 1, 2].flatMap((k) => [...rig.object(k)]);
    };
    const first = later();
    rig.engine.loadState(saved);
    expect(later()).toEqual(first);
  });
});

describe('mass of meshes', () => {
  it('a torque turns a stone by the inverse of its inertia about its own centre of mass', () => {
    const shape = stone(9);
    const { com, inertia } = objectInertia(sceneObject(shape, [0, 0, 0]));
    const solid = massProperties(shape);
    expect(com).toEqual(solid.com);
    solid.inertia.forEach((x, k) => void expect(inertia[k]).toBeCloseTo(0.1 * x, 12));
    const orientation = [0.1, -0.3, 0.5, Math.sqrt(0.65)] as const;
    const rig = world([sceneObject(shape, [0.5, 0, 1], { orientation })]);
    rig.engine.world.gravity.set(0, 0, 0);
    const [xx, yy, zz, xy, xz, yz] = inertia;
    const R = matrixFromQuaternion(orientation);
    const alpha = [0.4, -0.25, 0.3];
    const local = [0, 1, 2].map((k) => R[k] * alpha[0] + R[3 + k] * alpha[1] + R[6 + k] * alpha[2]);
    const torque = rotate(R, [
      xx * local[0] + xy * local[1] + xz * local[2],
      xy * local[0] + yy * local[1] + yz * local[2],
      xz * local[0] + yz * local[1] + zz * local[2],
    ]);
    const before = rig.object(0);
    rig.engine.pushObject(0, [0, 0, 0, ...torque]);
    rig.run(1);
    const state = rig.object(0);
    const dt = rig.engine.dt_s;
    for (let k = 0; k < 3; k++) expect(state[10 + k] / dt / alpha[k]).toBeCloseTo(1, 5);
    // The centre of mass stays: the shape's frame goes round it.
    const arm = rotate(R, com);
    const turned = rotate(matrixFromQuaternion([state[3], state[4], state[5], state[6]]), com);
    for (let k = 0; k < 3; k++) expect(state[k] + turned[k]).toBeCloseTo(before[k] + arm[k], 12);
  });

  it('a state that is set is the state that is read', () => {
    const rng = createRng(4);
    const rig = world([sceneObject(stone(3), [0.5, 0, 1])]);
    for (let trial = 0; trial < 50; trial++) {
      const state = Float64Array.from({ length: 13 }, () => rng.normal());
      const n = Math.hypot(...state.subarray(3, 7));
      for (let k = 3; k < 7; k++) state[k] /= n * Math.sign(state[6]);
      rig.engine.setObjectState(0, state);
      rig.object(0).forEach((x, k) => void expect(x, `trial ${trial} entry ${k}`).toBeCloseTo(state[k], 12));
    }
  });
});

describe('contact of hulls', () => {
  it('allocates nothing', () => {
    const out = new Manifold();
    const shapes: readonly (readonly [Shape | ConvexMesh, Shape | ConvexMesh, number])[] = [
      [{ type: 'box', size: [0.5, 0.5, 0.1] }, stone(1), 0.069],
      [stone(2), stone(3), 0.042],
      [CAN, stone(4), 0.043],
      [{ type: 'sphere', radius: 0.02 }, stone(5), 0.04],
      [BOX_MESH, CAN_MESH, 0.0449],
    ];
    for (const [a, b, z] of shapes) {
      const c = new Colliders(
        [
          { shape: a, rigid: 0, R: UPRIGHT, p: [0, 0, 0], friction: 1 },
          { shape: b, rigid: 1, R: UPRIGHT, p: [0.003, 0.002, z], friction: 1 },
        ],
        2,
      );
      let k = 0;
      let touching = 0;
      const growth = heapGrowthPerCall(() => {
        c.rigid_p[5] = 1e-4 * (k++ % 20) - 1e-3;
        c.update();
        collide(c, 0, 1, 0.002, out);
        if (out.count > 0) touching++;
      }, 2000);
      expect(touching, `${a.type} ${b.type}`).toBeGreaterThan(100);
      expect(growth, `${a.type} ${b.type}`).toBeLessThanOrEqual(BOXED_NUMBER);
    }
  });
});
