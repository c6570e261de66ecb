import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { matrixFromQuaternion, matrixFromRpy, quaternionFromMatrix, rotate } from '../../dynamics/index.ts';
import { convexHull } from '../../robots/index.ts';
import { binaryStl, boxMesh, ellipsoidPoints } from '../../test/support/mesh_files.ts';
import { EngineRig, PANDA, tableScene } from '../../test/support/sim_rig.ts';
import {
  createEngine,
  ENGINE_NAMES,
  importObjects,
  type PhysicsEngine,
  prepareEngine,
  type SceneObject,
} from '../index.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'surepick sdf '));
afterAll(() => rmSync(FOLDER, { recursive: true }));
beforeAll(async () => {
  for (const name of ENGINE_NAMES) await prepareEngine(name);
});

const STONE = convexHull(ellipsoidPoints(createRng(5, 'stone'), 50, [0.03, 0.04, 0.02], [0.3, -0.1, 0.2]));
mkdirSync(join(FOLDER, 'stones', 'meshes'), { recursive: true });
writeFileSync(join(FOLDER, 'stones', 'meshes', 'stone.stl'), binaryStl(STONE));
writeFileSync(join(FOLDER, 'brick.stl'), binaryStl(boxMesh([40, 20, 10], [20, 0, 5])));

const INERTIAL = `<inertial><pose>0.01 0 0 0 0 0.5</pose><mass>0.3</mass><inertia><ixx>2e-4</ixx><iyy>3e-4</iyy><izz>4e-4</izz>
  <ixy>1e-5</ixy></inertia></inertial>`;

function load(models: string): SceneObject[] {
  const file = join(FOLDER, 'objects.sdf');
  writeFileSync(file, models.startsWith('<sdf') ? models : `<?xml version="1.0"?><sdf version="1.9">${models}</sdf>`);
  return importObjects(file);
}

const model = (link: string, inside = '') => `<model name="thing">${inside}<link name="l">${link}</link></model>`;
const collision = (shape: string, inside = '') =>
  `<collision name="c">${inside}<geometry>${shape}</geometry></collision>`;
const BALL = '<sphere><radius>0.02</radius></sphere>';

describe('objects of SDF files', () => {
  test('poses of model, link, collision and inertial come together in the world', () => {
    const poses = ['1 2 3 0.1 0.2 0.3', '0.4 0 0 0 0 1', '0 0.1 0 0.5 0 0'];
    const [object] = load(
      model(
        `<pose>${poses[1]}</pose>${INERTIAL}${collision('<box><size>0.1 0.2 0.3</size></box>', `<pose>${poses[2]}</pose>`)}`,
        `<pose>${poses[0]}</pose>`,
      ),
    );
    const frames = poses.map((pose) => {
      const [x, y, z, r, p, w] = pose.split(' ').map(Number);
      return { p: [x, y, z], R: matrixFromRpy([r, p, w]) };
    });
    const inWorld = (depth: number, point: readonly number[]) =>
      frames
        .slice(0, depth)
        .reduceRight((at: readonly number[], { p, R }) => rotate(R, at).map((x, k) => x + p[k]), point);
    inWorld(3, [0, 0, 0]).forEach((x, k) => void expect(object.pose.position[k]).toBeCloseTo(x, 12));
    const R = matrixFromQuaternion(object.pose.orientation);
    inWorld(3, [0.1, -0.2, 0.3]).forEach((x, k) => {
      expect(rotate(R, [0.1, -0.2, 0.3])[k] + object.pose.position[k]).toBeCloseTo(x, 12);
    });
    const com = rotate(R, object.com_m ?? [0, 0, 0]).map((x, k) => x + object.pose.position[k]);
    inWorld(2, [0.01, 0, 0]).forEach((x, k) => void expect(com[k]).toBeCloseTo(x, 12));
    expect(object.mass_kg).toBe(0.3);
    expect(object.shape).toEqual({ type: 'box', size: [0.1, 0.2, 0.3] });
    const [xx, yy, zz] = object.inertia_kg_m2 ?? [];
    expect(xx + yy + zz).toBeCloseTo(9e-4, 12);
  });

  test('every shape, friction, colour, degrees and meshes with scale', () => {
    const shapes = [
      '<box><size>1 2 3</size></box>',
      BALL,
      '<cylinder><radius>0.1</radius><length>0.4</length></cylinder>',
      '<capsule><radius>0.1</radius><length>0.4</length></capsule>',
      '<ellipsoid><radii>0.1 0.2 0.3</radii></ellipsoid>',
      '<mesh><uri>brick.stl</uri><scale>0.001 0.001 0.001</scale></mesh>',
      '<mesh><uri>model://stones/meshes/stone.stl</uri></mesh>',
    ];
    const surface = '<surface><friction><ode><mu>0.4</mu><mu2>0.4</mu2></ode></friction></surface>';
    const red = `<visual name="v"><geometry>${BALL}</geometry><material><diffuse>0.8 0.1 0.1 1</diffuse></material></visual>`;
    const objects = load(
      shapes
        .map((shape, i) =>
          model(`<pose degrees="true">0 0 ${i} 0 0 90</pose>${INERTIAL}${collision(shape, surface)}${red}`),
        )
        .join(''),
    );
    expect(objects.map(({ shape }) => shape.type)).toEqual([
      'box',
      'sphere',
      'cylinder',
      'mesh',
      'mesh',
      'mesh',
      'mesh',
    ]);
    expect(objects.every(({ friction, colour }) => friction === 0.4 && colour === 'red')).toBe(true);
    const [brick, stone] = objects.slice(5);
    // The middle of a mesh is its origin; the file's is at its end, turned by a quarter.
    [0, 0.02, 5.005].forEach((x, k) => void expect(brick.pose.position[k]).toBeCloseTo(x, 8));
    [0.1, 0.3].forEach((x, k) => void expect(stone.pose.position[k]).toBeCloseTo(x, 1));
    expect(objects[0].pose.orientation[2]).toBeCloseTo(Math.SQRT1_2, 12);
  });

  test('what it cannot be is refused by name', () => {
    const good = `${INERTIAL}${collision(BALL)}`;
    const cases: readonly (readonly [string, RegExp])[] = [
      ['<world/>', /<world> in <sdf>: it is not read; allowed are model/],
      ['', /no <model>/],
      [model(good, '<plugin/>'), /model "thing": <plugin> in <model>/],
      [model(good, '<static>true</static>'), /<static> true: an object moves/],
      [`<model name="two"><link/><link/></model>`, /model "two": 2 links/],
      [model(collision(BALL)), /link "l": <inertial>: is missing/],
      [model(INERTIAL), /0 collisions: an object has one/],
      [model(`${good}<sensor/>`), /<sensor> in <link>/],
      [model(`${INERTIAL}${collision('<plane/>')}`), /<plane>: must be one of box/],
      [model(`${INERTIAL}${collision('<box><size>1 1</size></box>')}`), /box: size "1 1": must be 3 finite/],
      [model(`${INERTIAL}${collision('<sphere><radius>-1</radius></sphere>')}`), /radius -1: must be above 0/],
      [
        model(`${INERTIAL}${collision('<mesh><uri>model://none/x.stl</uri></mesh>')}`),
        /mesh model:\/\/none\/x\.stl not found/,
      ],
      [model(`${INERTIAL}${collision(BALL, '<surface><bounce/></surface>')}`), /<bounce> in <surface>/],
      [model(good, '<pose relative_to="w">0 0 0 0 0 0</pose>'), /relative_to="w"/],
      [model(good.replace('<mass>0.3', '<mass>-1')), /mass -1: must be above 0/],
      [model(good.replace('<izz>4e-4</izz>', '')), /<izz>: is missing/],
      [model(good.replace('2e-4', 'nan')), /ixx "nan": must be 1 finite/],
    ];
    for (const [models, message] of cases) {
      expect(() => load(models), models).toThrow(InputError);
      expect(() => load(models), models).toThrow(message);
    }
  });
});

describe('an imported stone in every engine', () => {
  const [stone] = load(
    model(
      `<pose>0.3 0.1 0.2 0.1 0.2 0.3</pose>${INERTIAL.replace('0.01 0 0 0', '0.305 -0.1 0.2 0')}${collision('<mesh><uri>stones/meshes/stone.stl</uri></mesh>')}`,
    ),
  );
  const engines = (): PhysicsEngine[] => ENGINE_NAMES.map((name) => createEngine(name, PANDA, tableScene([stone])));
  const stateOf = (engine: PhysicsEngine) => {
    const state = new Float64Array(13);
    engine.objectState(0, state, 0);
    return state;
  };

  test('stands where it is said, and a force and a torque move it alike: one mass, one centre, one inertia', () => {
    const pushes = [
      [0, 0, 3, 0, 0, 0],
      [0, 0, 3, 0.01, 0, 0],
      [1, -2, 3, 0, 0.02, -0.01],
    ];
    for (const push of pushes) {
      const states = engines().map((engine) => {
        const before = stateOf(engine);
        for (let k = 0; k < 3; k++) expect(before[k]).toBeCloseTo(stone.pose.position[k], 9);
        for (let k = 0; k < 4; k++) expect(before[3 + k]).toBeCloseTo(stone.pose.orientation[k], 9);
        engine.pushObject(0, push);
        engine.step();
        return stateOf(engine);
      });
      for (const state of states) {
        for (let k = 7; k < 13; k++) expect(state[k], `push ${push} entry ${k}`).toBeCloseTo(states[0][k], 4);
      }
      const R = matrixFromQuaternion(stone.pose.orientation);
      const [x, y, z] = rotate(R, stone.com_m ?? [0, 0, 0]);
      const w = states[0].subarray(10);
      // Velocity of the centre of mass: that of the shape's frame and of going round it.
      const v = [w[1] * z - w[2] * y, w[2] * x - w[0] * z, w[0] * y - w[1] * x];
      const gravity = [0, 0, -9.81];
      for (let k = 0; k < 3; k++) {
        expect(states[0][7 + k] + v[k]).toBeCloseTo(0.002 * (push[k] / 0.3 + gravity[k]), 5);
      }
    }
  });

  test('comes to rest on the table at the same height, one of its faces down', () => {
    const heights = engines().map((engine) => {
      new EngineRig(engine).run(2500);
      const state = stateOf(engine);
      expect(Math.hypot(...state.subarray(7)), engine.name).toBeLessThan(0.05);
      const R = matrixFromQuaternion([state[3], state[4], state[5], state[6]]);
      if (stone.shape.type !== 'mesh') throw new Error('no mesh');
      const v = stone.shape.vertices;
      let lowest = Infinity;
      for (let i = 0; i < v.length; i += 3) lowest = Math.min(lowest, rotate(R, v.subarray(i, i + 3))[2] + state[2]);
      return lowest;
    });
    for (const height of heights) expect(Math.abs(height)).toBeLessThan(5e-4);
  });

  test('its orientation of rest is one quaternion with w ≥ 0', () => {
    expect(stone.pose.orientation[3]).toBeGreaterThanOrEqual(0);
    const R = matrixFromRpy([0.1, 0.2, 0.3]);
    quaternionFromMatrix(R).forEach((x, k) => void expect(stone.pose.orientation[k]).toBeCloseTo(x, 12));
  });
});
