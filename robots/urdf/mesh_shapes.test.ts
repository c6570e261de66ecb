import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { forwardKinematics, RobotData, type RobotModel, rotate } from '../../dynamics/index.ts';
import { binaryStl, boxMesh, dae, ellipsoidPoints, obj } from '../../test/support/mesh_files.ts';
import { sweep } from '../../test/support/sweep.ts';
import { convexHull, loadRobot, loadUrdf, type UrdfOptions } from '../index.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'surepick mesh robot '));
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** Off its own origin, so that a shape put where the file's origin is would be seen. */
const BOX = boxMesh([0.1, 0.2, 0.3], [0.05, 0, 0.15]);
writeFileSync(join(FOLDER, 'box.stl'), binaryStl(BOX));
writeFileSync(join(FOLDER, 'box.obj'), obj(BOX));
writeFileSync(join(FOLDER, 'box.dae'), dae({ ...BOX, vertices: BOX.vertices.map((x) => 1000 * x) }, { meter: 0.001 }));

const mesh = (file: string, kind: string, extra = '', after = '') =>
  `<${kind}><origin xyz="0.01 0.02 0.03" rpy="0.1 0.2 0.3"/><geometry><mesh filename="${file}" ${extra}/></geometry>${after}</${kind}>`;
const joint = (name: string, type: string, parent: string, child: string, inside = '') =>
  `<joint name="${name}" type="${type}"><origin xyz="0 0 0.3"/><parent link="${parent}"/><child link="${child}"/>
  <axis xyz="0 1 0"/>${inside}</joint>`;
const LIMIT = '<limit lower="-1" upper="1" velocity="2" effort="3"/>';

/** One link of each kind of joint, each a mesh. */
function load(link: (i: number) => string, options: UrdfOptions = {}): RobotModel {
  const file = join(FOLDER, 'robot.urdf');
  const links = [0, 1, 2, 3, 4, 5].map((i) => `<link name="l${i}">${link(i)}</link>`);
  const joints = [
    joint('turn', 'continuous', 'l0', 'l1', '<limit velocity="2" effort="3"/>'),
    joint('slide', 'prismatic', 'l1', 'l2', LIMIT),
    joint('bolt', 'fixed', 'l2', 'l3'),
    joint('swing', 'revolute', 'l3', 'l4', LIMIT),
    joint('follow', 'revolute', 'l3', 'l5', `${LIMIT}<mimic joint="swing" multiplier="-0.5" offset="0.1"/>`),
  ];
  writeFileSync(file, `<robot name="meshes">${links.join('')}${joints.join('')}</robot>`);
  return loadUrdf(file, options);
}

/** Vertices of a link's collision mesh in the world, at joint positions q. */
function placed(model: RobotModel, link: string, q: readonly number[]): number[][] {
  const item = model.collision.find((shape) => shape.link === link);
  if (item?.shape.type !== 'mesh') throw new Error(`${link} has no mesh`);
  const data = new RobotData(model);
  forwardKinematics(model, data, Float64Array.from(q));
  const { vertices } = item.shape;
  return Array.from({ length: vertices.length / 3 }, (_, i) => {
    const at = rotate(item.R, vertices.subarray(3 * i, 3 * i + 3)).map((x, k) => x + item.p[k]);
    if (item.body < 0) return at;
    const R = data.R.subarray(9 * item.body, 9 * item.body + 9);
    return rotate(R, at).map((x, k) => x + data.p[3 * item.body + k]);
  });
}

const sorted = (points: readonly (readonly number[])[]) =>
  points.map((x) => x.map((y) => y.toFixed(4)).join(' ')).sort();

describe('robots of meshes', () => {
  const primitive =
    '<collision><origin xyz="0.01 0.02 0.03" rpy="0.1 0.2 0.3"/><geometry><box size="0.1 0.2 0.3"/></geometry></collision>';
  const reference = load(() => primitive);

  test.each(['box.stl', 'box.obj', 'box.dae'])('%s moves with every kind of joint as a box does', (file) => {
    const model = load(() => mesh(file, 'collision'));
    expect(model.joint_names).toEqual(['turn', 'slide', 'swing']);
    expect([...model.joint_type]).toEqual([0, 1, 0, 0]);
    expect(model.position_upper[0]).toBe(Infinity);
    expect([...model.multiplier]).toEqual([1, 1, 1, -0.5]);
    const rng = createRng(1);
    const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => [i & 1 ? 0.1 : 0, i & 2 ? 0.1 : -0.1, i & 4 ? 0.3 : 0]);
    for (let trial = 0; trial < 10; trial++) {
      const q = [rng.normal(), rng.normal(), rng.normal()];
      const data = new RobotData(reference);
      forwardKinematics(reference, data, Float64Array.from(q));
      for (let i = 0; i < 6; i++) {
        const box = reference.collision[i];
        const wanted = corners.map((corner) => {
          const at = rotate(box.R, corner).map((x, k) => x + box.p[k]);
          if (box.body < 0) return at;
          const R = data.R.subarray(9 * box.body, 9 * box.body + 9);
          return rotate(R, at).map((x, k) => x + data.p[3 * box.body + k]);
        });
        expect(sorted(placed(model, `l${i}`, q)), `trial ${trial} link ${i}`).toEqual(sorted(wanted));
      }
    }
  });

  test('the frame of a mesh is in the middle of its box, on the body that carries its link', () => {
    const model = load(() => mesh('box.stl', 'collision'));
    expect(model.collision.map(({ body }) => body)).toEqual([-1, 0, 1, 1, 2, 3]);
    for (const { shape } of model.collision) {
      if (shape.type !== 'mesh') throw new Error('no mesh');
      for (let k = 0; k < 3; k++) {
        const along = [...shape.vertices].filter((_, i) => i % 3 === k);
        expect(Math.min(...along) + Math.max(...along)).toBeCloseTo(0, 8);
      }
    }
  });

  test('visual meshes keep their triangles, the document’s colour first, then the file’s, then grey', () => {
    const red = '<material name="red"><color rgba="1 0 0 0.5"/></material>';
    const model = load((i) => mesh(i % 2 === 0 ? 'box.dae' : 'box.obj', 'visual', '', i < 2 ? red : ''));
    expect(model.visual.map(({ rgba }) => rgba)).toEqual([
      [1, 0, 0, 0.5],
      [1, 0, 0, 0.5],
      [0.2, 0.4, 0.6, 1],
      [0.7, 0.7, 0.7, 1],
      [0.2, 0.4, 0.6, 1],
      [0.7, 0.7, 0.7, 1],
    ]);
    for (const { shape } of model.visual) expect(shape.type === 'mesh' && shape.triangles.length).toBe(36);
    expect(load(() => mesh('box.stl', 'visual'), { visualMeshes: false }).visual).toEqual([]);
  });

  test('a scale stretches and mirrors', () => {
    const model = load(() => mesh('box.stl', 'collision', 'scale="2 -1 0.5"'));
    const [{ shape }] = model.collision;
    if (shape.type !== 'mesh') throw new Error('no mesh');
    const size = [0, 1, 2].map((k) => 2 * Math.max(...[...shape.vertices].filter((_, i) => i % 3 === k)));
    [0.2, 0.2, 0.15].forEach((x, k) => void expect(size[k]).toBeCloseTo(x, 6));
    expect(() => load(() => mesh('box.stl', 'collision', 'scale="1 0 1"'))).toThrow(
      /link "l0".*scale="1 0 1".*not be 0/,
    );
  });

  test('a hull is never short of its mesh by more than it says, and says little', () => {
    const rng = createRng(2);
    const points = ellipsoidPoints(rng, 4000, [0.05, 0.06, 0.12]);
    const full = convexHull(points, { max_vertices: 4000, tolerance_m: 0 });
    writeFileSync(join(FOLDER, 'egg.stl'), binaryStl(full));
    const [{ shape, p }] = load((i) => (i === 0 ? mesh('egg.stl', 'collision') : '')).collision;
    if (shape.type !== 'mesh') throw new Error('no mesh');
    expect(shape.vertices.length / 3).toBeLessThanOrEqual(256);
    expect(shape.short_m).toBeLessThan(0.003);
    expect(p).toHaveLength(3);
    const [full_back, shape_back] = [full, shape].map(({ vertices }) => vertices.map((x) => -x));
    for (let trial = 0; trial < sweep(700, 2000); trial++) {
      const n = [rng.normal(), rng.normal(), rng.normal()];
      const length = Math.hypot(...n);
      const reach = (v: Float64Array) => {
        let most = -Infinity;
        for (let i = 0; i < v.length; i += 3)
          most = Math.max(most, (v[i] * n[0] + v[i + 1] * n[1] + v[i + 2] * n[2]) / length);
        return most;
      };
      // Both ways, so that where the middle lies cancels.
      const width = reach(full.vertices) + reach(full_back);
      const kept = reach(shape.vertices) + reach(shape_back);
      expect(width - kept).toBeLessThanOrEqual(2 * shape.short_m + 1e-7);
      expect(kept - width).toBeLessThan(1e-7);
    }
  });

  test('a mesh without volume is refused by its link', () => {
    writeFileSync(join(FOLDER, 'flat.obj'), 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n');
    const flat = () => load((i) => (i === 3 ? mesh('flat.obj', 'collision') : ''));
    expect(flat).toThrow(InputError);
    expect(flat).toThrow(
      /robot\.urdf: link "l3": collision mesh flat\.obj: all points lie in a plane.*encloses a volume/,
    );
    expect(load((i) => (i === 3 ? mesh('flat.obj', 'visual') : '')).visual).toHaveLength(1);
    writeFileSync(join(FOLDER, 'cut.stl'), binaryStl(BOX).slice(0, 300));
    expect(() => load(() => mesh('cut.stl', 'visual'))).toThrow(/cut\.stl: 300 bytes for 12 triangles/);
  });

  test('loadRobot passes on what it is asked', () => {
    load(() => mesh('box.stl', 'visual'));
    expect(loadRobot(join(FOLDER, 'robot.urdf')).model.visual).toHaveLength(6);
    expect(loadRobot(join(FOLDER, 'robot.urdf'), { visualMeshes: false }).model.visual).toEqual([]);
  });
});
