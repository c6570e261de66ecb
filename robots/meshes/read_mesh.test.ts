import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OBJLoader } from 'three/examples/jsm/loaders/OBJLoader.js';
import { STLLoader } from 'three/examples/jsm/loaders/STLLoader.js';
import { afterAll, describe, expect, test } from 'vitest';
import { createRng, InputError, type TriangleMesh } from '../../contracts/index.ts';
import { asciiStl, binaryStl, boxMesh, dae, ellipsoidPoints, obj } from '../../test/support/mesh_files.ts';
import { sweep } from '../../test/support/sweep.ts';
import { convexHull } from './convex_hull.ts';
import { massProperties } from './mass_properties.ts';
import { MESH_LIMITS } from './mesh_part.ts';
import { readMesh } from './read_mesh.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'surepick meshes '));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const file = join(FOLDER, name);
  writeFileSync(file, content);
  return file;
}

/** The corners of all triangles in order, x y z each. */
function corners(parts: readonly TriangleMesh[]): number[] {
  return parts.flatMap(({ vertices, triangles }) =>
    [...triangles].flatMap((v) => [...vertices.subarray(3 * v, 3 * v + 3)]),
  );
}

function expectSame(actual: readonly number[], wanted: readonly number[], tolerance: number, context: string): void {
  expect(actual.length, context).toBe(wanted.length);
  const worst = Math.max(...actual.map((x, i) => Math.abs(x - wanted[i])));
  expect(worst, context).toBeLessThanOrEqual(tolerance);
}

describe('meshes in files', () => {
  const rng = createRng(11, 'meshes');
  const meshes = Array.from({ length: 25 }, () =>
    convexHull(ellipsoidPoints(rng, 4 + rng.int(60), [0.03, 0.05, 0.2], [rng.normal(), 0.1, -0.2]), {
      max_vertices: 1000,
      tolerance_m: 0,
    }),
  );

  test.each([
    ['binary STL', 'a.stl', binaryStl, 1e-6],
    ['ASCII STL', 'a.STL', (mesh: TriangleMesh) => asciiStl(mesh), 0],
    ['ASCII STL with CRLF', 'b.stl', (mesh: TriangleMesh) => asciiStl(mesh, '\r\n'), 0],
    ['OBJ', 'a.obj', obj, 0],
    ['DAE', 'a.dae', (mesh: TriangleMesh) => dae(mesh), 0],
  ] as const)('%s: what is written is read', (_, name, format, tolerance) => {
    meshes.forEach((mesh, i) => {
      const parts = readMesh(write(name, format(mesh)));
      expectSame(corners(parts), corners([mesh]), tolerance, `mesh ${i}`);
      expect(parts[0].vertices.length, 'equal corners are one vertex').toBe(mesh.vertices.length);
    });
  });

  test('agrees with the loaders of three.js', () => {
    for (const mesh of meshes) {
      const stl = binaryStl(mesh);
      const text = asciiStl(mesh);
      for (const geometry of [
        [new STLLoader().parse(stl.slice().buffer), readMesh(write('t.stl', stl))] as const,
        [new STLLoader().parse(text), readMesh(write('t.stl', text))] as const,
      ]) {
        expectSame(corners(geometry[1]), [...geometry[0].getAttribute('position').array], 1e-6, 'STL');
      }
      const loaded: number[] = [];
      new OBJLoader().parse(obj(mesh)).traverse((child) => {
        if ('geometry' in child) {
          // biome-ignore lint/suspicious/noExplicitAny: what the loader makes is not typed
          loaded.push(...(child as any).geometry.getAttribute('position').array);
        }
      });
      expectSame(corners(readMesh(write('t.obj', obj(mesh)))), loaded, 1e-6, 'OBJ');
    }
  });

  test('COLLADA units, up axes, node transforms in order, and colours', () => {
    const mesh = boxMesh([2, 4, 6], [1, 2, 3]);
    const bounds = (text: string) => {
      const all = corners(readMesh(write('u.dae', text)));
      return [0, 1, 2].map((k) => {
        const along = all.filter((_, i) => i % 3 === k);
        return [Math.min(...along), Math.max(...along)].map((x) => Math.round(x * 1e9) / 1e9 + 0);
      });
    };
    expect(bounds(dae(mesh, { meter: 0.001 }))).toEqual([
      [0, 0.002],
      [0, 0.004],
      [0, 0.006],
    ]);
    expect(bounds(dae(mesh, { up: 'Y_UP' }))).toEqual([
      [0, 2],
      [-6, 0],
      [0, 4],
    ]);
    expect(bounds(dae(mesh, { up: 'X_UP' }))).toEqual([
      [-4, 0],
      [-6, 0],
      [0, 2],
    ]);
    const node = '<translate>10 0 0</translate><rotate>0 0 1 90</rotate><scale>1 2 1</scale>';
    expect(bounds(dae(mesh, { node }))).toEqual([
      [2, 10],
      [0, 2],
      [0, 6],
    ]);
    const matrix = '<matrix>0 -2 0 10 1 0 0 0 0 0 1 0 0 0 0 1</matrix>';
    expect(bounds(dae(mesh, { node: matrix }))).toEqual([
      [2, 10],
      [0, 2],
      [0, 6],
    ]);
    expect(readMesh(write('u.dae', dae(mesh)))[0].rgba).toEqual([0.2, 0.4, 0.6, 1]);
  });

  test('a mirror keeps the outside outside', () => {
    const mesh = boxMesh([0.1, 0.2, 0.3], [0.4, 0, 0]);
    const mirrored = [
      ...(['m.stl', 'm.obj', 'm.dae'] as const).map((name) => {
        const content = name === 'm.stl' ? binaryStl(mesh) : name === 'm.obj' ? obj(mesh) : dae(mesh);
        return readMesh(write(name, content), [-1, 1, 1]);
      }),
      readMesh(write('n.dae', dae(mesh, { node: '<scale>-1 1 1</scale>' }))),
    ];
    for (const [part] of mirrored) {
      const { volume, com } = massProperties(part);
      expect(volume).toBeCloseTo(0.006, 8);
      expect(com[0]).toBeCloseTo(-0.4, 6);
    }
    expect(massProperties(readMesh(write('s.stl', binaryStl(mesh)), [1, -2, -1])[0]).volume).toBeCloseTo(0.012, 8);
  });

  test('bad files are named with their place and what is allowed', () => {
    const box = boxMesh([1, 1, 1]);
    const stl = binaryStl(box);
    const nan = stl.slice();
    new DataView(nan.buffer).setFloat32(84 + 50 * 3 + 16, Number.NaN, true);
    const huge = stl.slice();
    new DataView(huge.buffer).setUint32(80, 4e9, true);
    const cases: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
      ['cut.stl', stl.slice(0, -7), /cut\.stl: 677 bytes for 12 triangles.*has 684/],
      ['long.stl', Uint8Array.from([...stl, 1]), /long\.stl: 685 bytes for 12/],
      ['nan.stl', nan, /nan\.stl: triangle 4 of 12: coordinate NaN/],
      ['huge.stl', huge, /huge\.stl: header: 4000000000 triangles: at most 2000000/],
      ['empty.stl', '', /empty\.stl: 0 bytes/],
      ['none.stl', 'solid x\nendsolid x\n', /none\.stl: must have at least one triangle/],
      ['open.stl', asciiStl(box).slice(0, -20), /open\.stl line \d+.*endsolid|open\.stl line \d+/],
      ['two.stl', asciiStl(box).replace(/vertex.*\n/, ''), /two\.stl line 6: endloop: a facet has three/],
      ['word.stl', asciiStl(box).replace(/vertex \S+/, 'vertex one'), /word\.stl line 4: coordinate NaN/],
      ['png.stl', Uint8Array.from([137, 80, 78, 71, ...new Array(200).fill(7)]), /png\.stl/],
      ['far.obj', 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 4\n', /far\.obj line 4: corner 4: must name one of the 3/],
      ['zero.obj', 'v 0 0 0\nf 0 1 1\n', /zero\.obj line 2: corner 0/],
      ['inf.obj', 'v 0 1e9 0\n', /inf\.obj line 1: coordinate 1000000000: .*at most 10000/],
      ['few.obj', 'v 0 0 0\nv 1 0 0\nf 1 2\n', /few\.obj line 3: f 1 2: a face has three/],
      ['curve.obj', 'cstype bezier\n', /curve\.obj line 1: cstype.*curves/],
      ['flat.obj', 'v 0 0 0\nv 1 0 0\nv 0 1 0\n', /flat\.obj: must have at least one triangle/],
      ['cut.dae', dae(box).slice(0, -30), /cut\.dae line \d+/],
      ['other.dae', '<svg/>', /other\.dae: <svg>: a COLLADA file is one <COLLADA>/],
      [
        'count.dae',
        dae(box).replace('count="24"', 'count="27"'),
        /count\.dae: geometry g: float_array of 24 numbers.*27/,
      ],
      [
        'index.dae',
        dae(box).replace(/<p>\d+ 0/, '<p>99 0'),
        /index\.dae: geometry g: <triangles> vertex 99: must be from 0 to 7/,
      ],
      ['nan.dae', dae(box).replace('>-0.5 ', '>nan '), /nan\.dae: geometry g: number 1 of its positions/],
      ['url.dae', dae(box).replace('url="#g"', 'url="#h"'), /url\.dae: instance_geometry url="#h"/],
      ['unit.dae', dae(box, { meter: 0 }), /unit\.dae: unit meter="0"/],
      ['skew.dae', dae(box, { node: '<skew>1 2 3 4 5 6 7</skew>' }), /skew\.dae: node n: <skew>: bake it/],
      ['loop.dae', dae(box, { node: '<instance_node url="#n"/>' }), /loop\.dae: node n: nodes stand at most 64 deep/],
      ['mesh.ply', 'ply', /mesh\.ply: must be one of \.stl, \.obj, \.dae/],
    ];
    for (const [name, content, message] of cases) {
      const file = write(name, content);
      expect(() => readMesh(file), name).toThrow(InputError);
      expect(() => readMesh(file), name).toThrow(message);
    }
    expect(() => readMesh(join(FOLDER, 'nowhere.stl'))).toThrow(/nowhere\.stl cannot be read \(ENOENT\)/);
    expect(() => readMesh(`${FOLDER}.stl`)).toThrow(InputError);
    const file = write('s.stl', stl);
    expect(() => readMesh(file, [1, 0, 1])).toThrow(/scale 1 0 1: must be three numbers other than 0/);
    expect(MESH_LIMITS.bytes).toBeGreaterThan(1e8);
  });

  test('rubbish gives a mesh or an InputError, nothing else', () => {
    const random = createRng(4, 'rubbish');
    const box = boxMesh([1, 1, 1]);
    const sources = [binaryStl(box), asciiStl(box), obj(box), dae(box)].map((content) =>
      typeof content === 'string' ? new TextEncoder().encode(content) : content,
    );
    const names = ['f.stl', 'f.stl', 'f.obj', 'f.dae'];
    let refused = 0;
    for (let trial = 0; trial < sweep(300, 800); trial++) {
      const which = random.int(4);
      let bytes = sources[which].slice(0, random.uniform() < 0.3 ? random.int(sources[which].length) : undefined);
      const spoilt = random.int(6);
      for (let k = 0; k < spoilt && bytes.length > 0; k++) bytes[random.int(bytes.length)] = random.int(256);
      if (random.uniform() < 0.05) bytes = Uint8Array.from({ length: random.int(400) }, () => random.int(256));
      try {
        for (const { vertices, triangles } of readMesh(write(names[which], bytes))) {
          expect(vertices.every((x) => Math.abs(x) <= MESH_LIMITS.coordinate_m)).toBe(true);
          expect(triangles.every((v) => 3 * v < vertices.length)).toBe(true);
        }
      } catch (error) {
        if (!(error instanceof InputError)) throw new Error(`trial ${trial} of ${names[which]}`, { cause: error });
        expect(error.message, `trial ${trial}`).toContain(`${FOLDER}/${names[which]}`);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(200);
  });

  test('an element nested a hundred thousand deep is refused', () => {
    const deep = `${'<a>'.repeat(1e5)}${'</a>'.repeat(1e5)}`;
    expect(() => readMesh(write('deep.dae', deep))).toThrow(InputError);
    expect(() => readMesh(write('deep.dae', `<COLLADA>${deep}</COLLADA>`))).toThrow(InputError);
  });
});
