import { BufferAttribute, BufferGeometry, type Mesh, Vector3 } from 'three';
import { describe, expect, test } from 'vitest';
import type { Shape } from '../../contracts/index.ts';
import { readMeshData } from './mesh_data.ts';
import { buildDiscMesh, buildShapeMesh } from './shapes.ts';

/** Volume under the mesh's faces by the divergence theorem, m³: positive when they face outwards. */
function volume(mesh: Mesh): number {
  const { positions, indices } = readMeshData(mesh.geometry);
  let sum = 0;
  for (let i = 0; i < indices.length; i += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => new Vector3().fromArray(positions, 3 * indices[i + k]).multiply(mesh.scale));
    sum += a.dot(b.cross(c)) / 6;
  }
  return sum;
}

describe('meshes of primitives', () => {
  test.each<[Shape, number, number]>([
    [{ type: 'box', size: [0.03, 0.05, 0.06] }, 0.03 * 0.05 * 0.06, 1e-9],
    [{ type: 'cylinder', radius: 0.02, length: 0.05 }, Math.PI * 0.02 ** 2 * 0.05, 1e-6],
    [{ type: 'sphere', radius: 0.04 }, (4 / 3) * Math.PI * 0.04 ** 3, 0.01],
  ])('%j: closed, facing outwards, of the right volume', (shape, expected, tolerance) => {
    const mesh = buildShapeMesh(shape, [1, 0, 0], 12);
    expect(mesh.userData.label).toBe(12);
    expect(Math.abs(volume(mesh) / expected - 1)).toBeLessThan(tolerance);
    const { indices } = readMeshData(mesh.geometry);
    const edges = new Map<string, number>();
    for (let i = 0; i < indices.length; i += 3) {
      for (let k = 0; k < 3; k++) {
        const [a, b] = [indices[i + k], indices[i + ((k + 1) % 3)]];
        const key = a < b ? `${a} ${b}` : `${b} ${a}`;
        edges.set(key, (edges.get(key) ?? 0) + (a < b ? 1 : -1));
      }
    }
    expect([...edges.values()].every((balance) => balance === 0)).toBe(true);
  });

  test('a disc faces up and meshes of a kind share one geometry', () => {
    const { normals } = readMeshData(buildDiscMesh(0.05, [1, 1, 1], 1).geometry);
    for (let i = 0; i < normals.length; i += 3) expect(normals[i + 2]).toBeCloseTo(1, 12);
    const a = buildShapeMesh({ type: 'sphere', radius: 1 }, [1, 1, 1], 1);
    expect(buildShapeMesh({ type: 'sphere', radius: 2 }, [0, 1, 1], 2).geometry).toBe(a.geometry);
  });
});

describe('triangles of a geometry', () => {
  const square = [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0];

  test('are the same with and without an index, corners of equal place joined, empty faces left out', () => {
    const indexed = new BufferGeometry();
    indexed.setAttribute('position', new BufferAttribute(Float32Array.from(square), 3));
    indexed.setIndex([0, 1, 2, 0, 2, 3, 0, 1, 1]);
    const listed = indexed.toNonIndexed();
    const [a, b] = [readMeshData(indexed), readMeshData(listed)];
    expect(a).toEqual(b);
    expect(a.positions.length).toBe(12);
    expect([...a.indices]).toEqual([0, 1, 2, 0, 2, 3]);
    expect([...a.normals]).toEqual([0, 0, 1, 0, 0, 1]);
    expect([...a.bound]).toEqual([0.5, 0.5, 0, Math.SQRT1_2]);
  });

  test('need positions', () => {
    expect(() => readMeshData(new BufferGeometry())).toThrow('has no positions');
  });
});
