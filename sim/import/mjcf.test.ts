import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRng, InputError, type Rng } from '../../contracts/index.ts';
import { matrixFromQuaternion, rotate } from '../../dynamics/index.ts';
import { convexHull } from '../../robots/index.ts';
import { boxMesh, ellipsoidPoints, obj } from '../../test/support/mesh_files.ts';
import { sweep } from '../../test/support/sweep.ts';
import { importObjects, prepareEngine } from '../index.ts';
import { floats, mujoco } from '../mujoco/module.ts';
import type { SceneObject } from '../scene.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'surepick mjcf '));
afterAll(() => rmSync(FOLDER, { recursive: true }));
beforeAll(() => prepareEngine('mujoco'));

const STONE = convexHull(ellipsoidPoints(createRng(2, 'stone'), 60, [0.03, 0.05, 0.02], [0.02, -0.01, 0.04]), {
  max_vertices: 100,
  tolerance_m: 0,
});
writeFileSync(join(FOLDER, 'stone.obj'), obj(STONE));

const ASSET =
  '<asset><mesh name="stone" file="stone.obj" scale="1 -2 0.5"/><material name="clay" rgba="0.5 0.18 0.66 1"/></asset>';
/** The same for MuJoCo, which is given no files. */
const INLINE = ASSET.replace(
  'file="stone.obj"',
  `vertex="${STONE.vertices.join(' ')}" face="${STONE.triangles.join(' ')}"`,
);

function load(inside: string): SceneObject[] {
  const file = join(FOLDER, 'objects.xml');
  writeFileSync(file, inside.startsWith('<mujoco') ? inside : `<mujoco>${inside}</mujoco>`);
  return importObjects(file);
}

const text = (values: readonly number[]) => values.map((x) => x.toFixed(6)).join(' ');

function orientation(rng: Rng): string {
  const three = () => [rng.normal(), rng.normal(), rng.normal()];
  switch (rng.int(5)) {
    case 0:
      return `quat="${text([rng.normal(), ...three()])}"`;
    case 1:
      return `axisangle="${text([...three(), rng.range(-2, 2)])}"`;
    case 2:
      return `euler="${text(three())}"`;
    case 3:
      return `xyaxes="${text([...three(), ...three()])}"`;
    default:
      return `zaxis="${text(three())}"`;
  }
}

function randomGeom(rng: Rng, k: number): string {
  const size = () => rng.range(0.01, 0.05);
  const at = `pos="${text([rng.normal() * 0.1, 0.05, -0.02])}" ${orientation(rng)}`;
  const weight =
    rng.uniform() < 0.5 ? `density="${text([rng.range(200, 3000)])}"` : `mass="${text([rng.range(0.05, 1)])}"`;
  const shapes = [
    `type="box" size="${text([size(), size(), size()])}" ${at}`,
    `size="${text([size()])}" ${at}`,
    `type="cylinder" size="${text([size(), size()])}" ${at}`,
    `type="capsule" size="${text([size(), size()])}" ${at}`,
    `type="ellipsoid" size="${text([size(), size(), size()])}" ${at}`,
    `type="mesh" mesh="stone" ${at}`,
    `type="cylinder" size="0.02" fromto="${text([0, 0, 0, rng.normal() * 0.1, 0.05, 0.1])}"`,
    `type="capsule" size="0.02" fromto="${text([0.1, 0, 0, rng.normal() * 0.1, 0.05, 0.1])}"`,
  ];
  return `<geom ${shapes[k % shapes.length]} ${weight} friction="0.7 0.01 0.001"/>`;
}

/** Mass, place of the centre of mass, and inertia about it in world axes row-major, as MuJoCo compiles them. */
function compiled(xml: string): { mass: number; com: number[]; inertia: number[] }[] {
  const mj = mujoco();
  const model = mj.MjModel.from_xml_string(xml);
  const data = new mj.MjData(model);
  mj.mj_forward(model, data);
  const [mass, inertia] = [floats(model.body_mass), floats(model.body_inertia)];
  const [com, axes] = [floats(data.xipos), floats(data.ximat)];
  const bodies = Array.from({ length: mass.length - 1 }, (_, i) => {
    const b = i + 1;
    const R = [...axes.subarray(9 * b, 9 * b + 9)];
    const diagonal = [...inertia.subarray(3 * b, 3 * b + 3)];
    return { mass: mass[b], com: [...com.subarray(3 * b, 3 * b + 3)], inertia: turned(R, [...diagonal, 0, 0, 0]) };
  });
  data.delete();
  model.delete();
  return bodies;
}

function turned(R: ArrayLike<number>, [xx, yy, zz, xy, xz, yz]: readonly number[]): number[] {
  const T = [xx, xy, xz, xy, yy, yz, xz, yz, zz];
  return Array.from({ length: 9 }, (_, i) => {
    let sum = 0;
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) sum += R[3 * Math.floor(i / 3) + a] * T[3 * a + b] * R[3 * (i % 3) + b];
    }
    return sum;
  });
}

/** MuJoCo keeps vertices in single precision. */
function expectAlike(objects: readonly SceneObject[], bodies: ReturnType<typeof compiled>, context: string): void {
  expect(objects.length, context).toBe(bodies.length);
  objects.forEach(({ pose, com_m, inertia_kg_m2, mass_kg }, i) => {
    const R = matrixFromQuaternion(pose.orientation);
    const com = rotate(R, com_m ?? [0, 0, 0]).map((x, k) => x + pose.position[k]);
    const { mass, com: wanted, inertia } = bodies[i];
    expect(mass_kg / mass, `${context} mass of body ${i}`).toBeCloseTo(1, 7);
    for (let k = 0; k < 3; k++) expect(com[k], `${context} centre of body ${i}`).toBeCloseTo(wanted[k], 8);
    const size = Math.max(...inertia);
    turned(R, inertia_kg_m2 ?? []).forEach((x, k) => {
      expect((x - inertia[k]) / size, `${context} inertia of body ${i}, entry ${k}`).toBeCloseTo(0, 6);
    });
  });
}

describe('objects of MuJoCo models', () => {
  test('weigh, lie and turn as MuJoCo compiles them: every geom, orientation and unit of angle', () => {
    const rng = createRng(1, 'mjcf');
    for (let trial = 0; trial < sweep(16, 40); trial++) {
      const bodies = Array.from({ length: 3 }, (_, k) => {
        const place = `pos="${text([rng.normal(), rng.normal(), rng.normal()])}" ${orientation(rng)}`;
        const seen =
          rng.uniform() < 0.4 ? randomGeom(rng, rng.int(8)).replace('/>', ' contype="0" conaffinity="0"/>') : '';
        const inertial =
          rng.uniform() < 0.3
            ? `<inertial mass="0.4" pos="0.01 0.02 0.03" ${orientation(rng)} diaginertia="0.002 0.003 0.0015"/>`
            : '';
        return `<body name="b${k}" ${place}><freejoint/>${inertial}${randomGeom(rng, 3 * trial + k)}${seen}</body>`;
      });
      const angle = rng.uniform() < 0.5 ? 'radian' : 'degree';
      const sequence = ['xyz', 'ZYX', 'zxz', 'xYz'][rng.int(4)];
      const compiler = `<compiler angle="${angle}" eulerseq="${sequence}"/>`;
      const world = `<worldbody>${bodies.join('')}</worldbody>`;
      const objects = load(`${compiler}${ASSET}${world}`);
      expectAlike(objects, compiled(`<mujoco>${compiler}${INLINE}${world}</mujoco>`), `trial ${trial}`);
      expect(objects.every(({ friction }) => friction === 0.7)).toBe(true);
    }
  });

  test('classes of defaults reach geoms by name, by their body and by being main', () => {
    const defaults = `<default><geom density="500" rgba="1 0 0 1"/><default class="heavy"><geom density="4000" type="box"/>
      <default class="round"><geom type="cylinder" size="0.03 0.05"/></default></default></default>`;
    const world = `<worldbody><body name="a"><geom size="0.02"/></body>
      <body name="b" childclass="heavy" pos="1 0 0"><geom size="0.02 0.03 0.04"/></body>
      <body name="c" pos="2 0 0"><geom class="round" rgba="0 0 1 1"/></body></worldbody>`;
    const objects = load(`${defaults}${world}`);
    expectAlike(objects, compiled(`<mujoco>${defaults}${world}</mujoco>`), 'defaults');
    expect(objects.map(({ shape }) => shape.type)).toEqual(['sphere', 'box', 'cylinder']);
    expect(objects.map(({ colour }) => colour)).toEqual(['red', 'red', 'blue']);
    expect(objects.map(({ class: kind }) => kind)).toEqual(['box', 'box', 'cylinder']);
  });

  test('a mesh touches as its hull and is seen as it is; another geom can be what is seen', () => {
    const L = boxMesh([0.1, 0.02, 0.02]);
    writeFileSync(join(FOLDER, 'rod.obj'), obj(L));
    const [stone, rod] = load(`${ASSET.replace('</asset>', '<mesh file="rod.obj"/></asset>')}<worldbody>
      <body name="s" pos="0.5 0 0.1"><geom type="mesh" mesh="stone" material="clay" euler="0 0 90"/></body>
      <body name="r"><geom type="box" size="0.05 0.01 0.01" pos="0 0 0.3"/>
      <geom type="mesh" mesh="rod" pos="0 0 0.3" contype="0" conaffinity="0" mass="0" rgba="0.14 0.58 0.18 1"/></body></worldbody>`);
    expect(stone.shape.type).toBe('mesh');
    expect(stone.colour).toBe('purple');
    expect(stone.visual?.triangles.length).toBe(STONE.triangles.length);
    if (stone.shape.type !== 'mesh' || stone.visual === undefined) throw new Error('no mesh');
    const reach = (v: Float64Array, k: number) => Math.max(...[...v].filter((_, i) => i % 3 === k));
    for (let k = 0; k < 3; k++) expect(reach(stone.visual.vertices, k)).toBeCloseTo(reach(stone.shape.vertices, k), 4);
    expect(rod.shape).toEqual({ type: 'box', size: [0.1, 0.02, 0.02] });
    expect(rod.colour).toBe('green');
    expect(rod.pose.position[2]).toBeCloseTo(0.3, 12);
    expect(reach(rod.visual?.vertices ?? new Float64Array(3), 0)).toBeCloseTo(0.05, 9);
  });

  test('what it cannot be is refused by name', () => {
    const body = (inside: string) => `<worldbody><body name="x">${inside}</body></worldbody>`;
    const cases: readonly (readonly [string, RegExp])[] = [
      [
        '<mujoco><option gravity="0 0 0"/></mujoco>',
        /mujoco: <option> in <mujoco>: it is not read; allowed are compiler/,
      ],
      ['<compiler coordinate="global"/>', /compiler: attribute coordinate of <compiler>/],
      ['<worldbody/>', /no <body>/],
      ['<worldbody><geom size="1"/></worldbody>', /<geom> in <worldbody>/],
      [body('<joint/><geom size="1"/>'), /body "x": joint of type hinge: an object moves freely/],
      [body('<body/><geom size="1"/>'), /<body> in <body>/],
      [body('<geom size="1"/><geom size="1"/>'), /body "x": 2 geoms that touch: an object has one/],
      [body(''), /0 geoms that touch/],
      [body('<geom type="plane" size="1 1 1"/>'), /geom 0: type plane: must be one of box/],
      [body('<geom type="box" size="1 1"/>'), /size "1 1": must be 3 to 3|size "1 1": must be 3/],
      [body('<geom size="-1"/>'), /size -1: must be above 0/],
      [body('<geom size="nan"/>'), /size "nan"/],
      [body('<geom type="mesh" mesh="m"/>'), /mesh m: must be in <asset>/],
      [body('<geom size="1" solref="1 1"/>'), /attribute solref of <geom>/],
      [body('<geom size="1" quat="1 0 0 0" euler="0 0 0"/>'), /quat and euler: give one/],
      [body('<geom size="1" quat="0 0 0 0"/>'), /length of quat 0/],
      [body('<geom size="1" class="c"/>'), /class c: must be a <default>/],
      [body('<geom size="1" mass="-1"/>'), /mass -1: must not be negative/],
      [body('<inertial mass="1"/><geom size="1"/>'), /inertial: inertia: give diaginertia or fullinertia/],
      ['<asset><mesh file="none.stl"/></asset>', /none\.stl cannot be read/],
      ['<asset><texture name="t"/></asset>', /<texture> in <asset>/],
    ];
    for (const [inside, message] of cases) {
      expect(() => load(inside), inside).toThrow(InputError);
      expect(() => load(inside), inside).toThrow(message);
    }
    writeFileSync(join(FOLDER, 'robot.xml'), '<robot/>');
    expect(() => importObjects(join(FOLDER, 'robot.xml'))).toThrow(/<robot>: must be <mujoco> or <sdf>/);
    expect(() => importObjects(join(FOLDER, 'nowhere.xml'))).toThrow(/cannot be read \(ENOENT\)/);
  });
});
