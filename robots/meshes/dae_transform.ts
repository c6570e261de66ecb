import { InputError } from '../../contracts/index.ts';
import { matrixFromAxisAngle } from '../../dynamics/index.ts';
import type { XmlElement } from '../xml.ts';

export const IDENTITY4: readonly number[] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** The transform of a COLLADA node, row-major 4×4: its transform elements in document order, each after the ones before. */
export function transformOf(node: XmlElement, file: string): readonly number[] {
  let T = IDENTITY4;
  for (const child of node.children) {
    const read = READERS[child.name];
    if (read === undefined) {
      if (!REFUSED.has(child.name)) continue;
      throw new InputError(`${file}: node ${node.attributes.id ?? ''}: <${child.name}>`, 'bake it into a <matrix>');
    }
    const values = child.text.trim().split(/\s+/).map(Number);
    if (values.length !== read.count || !values.every(Number.isFinite)) {
      throw new InputError(
        `${file}: node ${node.attributes.id ?? ''}: <${child.name}>`,
        `must hold ${read.count} finite numbers`,
      );
    }
    T = multiply4(T, read.matrix(values));
  }
  return T;
}

const REFUSED = new Set(['skew', 'lookat']);

const READERS: Readonly<
  Record<string, { readonly count: number; readonly matrix: (values: readonly number[]) => readonly number[] }>
> = {
  matrix: { count: 16, matrix: (values) => values },
  translate: { count: 3, matrix: ([x, y, z]) => [1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, z, 0, 0, 0, 1] },
  scale: { count: 3, matrix: ([x, y, z]) => [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1] },
  rotate: { count: 4, matrix: ([x, y, z, degrees]) => rotation(x, y, z, (degrees * Math.PI) / 180) },
};

function rotation(ax: number, ay: number, az: number, angle: number): readonly number[] {
  const length = Math.hypot(ax, ay, az) || 1;
  const [x, y, z] = [ax / length, ay / length, az / length];
  const R = matrixFromAxisAngle([x, y, z], angle);
  return [R[0], R[1], R[2], 0, R[3], R[4], R[5], 0, R[6], R[7], R[8], 0, 0, 0, 0, 1];
}

export function multiply4(a: readonly number[], b: readonly number[]): readonly number[] {
  return Array.from({ length: 16 }, (_, i) => {
    const row = i - (i % 4);
    const column = i % 4;
    return a[row] * b[column] + a[row + 1] * b[4 + column] + a[row + 2] * b[8 + column] + a[row + 3] * b[12 + column];
  });
}
