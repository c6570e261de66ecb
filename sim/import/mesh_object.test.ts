import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { binaryStl, boxMesh, dae, obj } from '../../test/support/mesh_files.ts';
import { objectInertia } from '../object_inertia.ts';
import { meshObject } from './index.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'surepick mesh object '));
afterAll(() => rmSync(FOLDER, { recursive: true }));
const BOX = boxMesh([40, 60, 20], [20, 0, 10]);
const MILLIMETRES = [0.001, 0.001, 0.001] as const;

function write(name: string, content: string | Uint8Array): string {
  const file = join(FOLDER, name);
  writeFileSync(file, content);
  return file;
}

describe('objects from mesh files', () => {
  test('a box in a file weighs, lies and is as a box', () => {
    for (const file of [write('b.stl', binaryStl(BOX)), write('b.obj', obj(BOX)), write('b.dae', dae(BOX))]) {
      const object = meshObject(file, {
        scale: MILLIMETRES,
        pose: { position: [0.5, 0, 0], orientation: [0, 0, 0, 1] },
      });
      expect(object.mass_kg).toBeCloseTo(500 * 0.04 * 0.06 * 0.02, 8);
      [0.52, 0, 0.01].forEach((x, k) => void expect(object.pose.position[k]).toBeCloseTo(x, 8));
      const { com, inertia } = objectInertia(object);
      for (const x of com) expect(x).toBeCloseTo(0, 8);
      const m = object.mass_kg / 12;
      const wanted = [m * (0.06 ** 2 + 0.02 ** 2), m * (0.04 ** 2 + 0.02 ** 2), m * (0.04 ** 2 + 0.06 ** 2), 0, 0, 0];
      wanted.forEach((x, k) => void expect(inertia[k]).toBeCloseTo(x, 9));
      expect(object.rgb).toEqual(file.endsWith('.dae') ? [0.2, 0.4, 0.6] : [0.7, 0.7, 0.7]);
    }
  });

  test('an open mesh weighs as its hull, a hollow one as its walls', () => {
    const open = { ...BOX, triangles: BOX.triangles.slice(0, -6) };
    const mass = (name: string, mesh: typeof BOX) =>
      meshObject(write(name, obj(mesh)), { scale: MILLIMETRES, density_kg_m3: 1000 }).mass_kg;
    expect(mass('open.obj', open)).toBeCloseTo(0.048, 9);
    const inner = boxMesh([20, 30, 10], [20, 0, 10]);
    const hollow = {
      type: 'mesh' as const,
      vertices: Float64Array.from([...BOX.vertices, ...inner.vertices]),
      triangles: Uint32Array.from([...BOX.triangles, ...[...inner.triangles].reverse().map((v) => v + 8)]),
    };
    expect(mass('hollow.obj', hollow)).toBeCloseTo(0.048 - 0.006, 9);
  });

  test('impossible options are refused', () => {
    const file = write('c.stl', binaryStl(BOX));
    for (const options of [
      { mass_kg: 0 },
      { mass_kg: Number.NaN },
      { density_kg_m3: -1 },
      { friction: -1 },
      { mass_kg: 1, density_kg_m3: 1 },
    ]) {
      expect(() => meshObject(file, options), JSON.stringify(options)).toThrow(InputError);
    }
    expect(() => meshObject(write('flat.obj', 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n'))).toThrow(
      /flat\.obj: all points lie in a plane/,
    );
  });
});
