import type { Pose, Quaternion, Vector3 } from '../../contracts/index.ts';
import { IDENTITY3, type Matrix3, matrixFromAxisAngle, quaternionFromMatrix } from '../../dynamics/index.ts';
import type { Reader } from './reader.ts';

export const ORIENTATIONS = ['quat', 'axisangle', 'euler', 'xyaxes', 'zaxis'] as const;

/** How angles of an MJCF file are written. */
export interface Angles {
  /** rad in one of the file's units. */
  readonly unit: number;
  /** Axes of an euler rotation in turn; capital letters are the fixed frame's. */
  readonly sequence: string;
}

/** Pose of an element with pos and one of quat (wxyz), axisangle, euler, xyaxes, zaxis. */
export function poseOf(
  attributes: Readonly<Record<string, string>>,
  angles: Angles,
  read: Reader,
  place: string,
): Pose {
  const given = ORIENTATIONS.filter((name) => attributes[name] !== undefined);
  if (given.length > 1) read.fail(place, given.join(' and '), 'give one of them');
  const position = attributes.pos === undefined ? ([0, 0, 0] as const) : read.vector(attributes.pos, place, 'pos');
  const [kind] = given;
  return {
    position,
    orientation: kind === undefined ? [0, 0, 0, 1] : orientationOf(kind, attributes[kind], angles, read, place),
  };
}

function orientationOf(
  kind: (typeof ORIENTATIONS)[number],
  text: string,
  angles: Angles,
  read: Reader,
  place: string,
): Quaternion {
  switch (kind) {
    case 'quat': {
      const [w, x, y, z] = read.list(text, place, kind, 4);
      const n = (w < 0 ? -1 : 1) * read.positive(Math.hypot(w, x, y, z), place, 'length of quat');
      return [x / n, y / n, z / n, w / n];
    }
    case 'axisangle': {
      const [x, y, z, angle] = read.list(text, place, kind, 4);
      read.positive(Math.hypot(x, y, z), place, 'length of the axis');
      return quaternionFromMatrix(rotation([x, y, z], angle * angles.unit));
    }
    case 'euler': {
      const values = read.list(text, place, kind, 3);
      let R: Matrix3 = IDENTITY3;
      values.forEach((value, i) => {
        const letter = angles.sequence[i];
        const axis = [0, 0, 0] as [number, number, number];
        axis['xyz'.indexOf(letter.toLowerCase())] = 1;
        const turn = rotation(axis, value * angles.unit);
        R = letter === letter.toLowerCase() ? multiply(R, turn) : multiply(turn, R);
      });
      return quaternionFromMatrix(R);
    }
    case 'xyaxes': {
      const [a, b, c, d, e, f] = read.list(text, place, kind, 6);
      const x = unit([a, b, c], read, place);
      const along = d * x[0] + e * x[1] + f * x[2];
      const y = unit([d - along * x[0], e - along * x[1], f - along * x[2]], read, place);
      const z = cross(x, y);
      return quaternionFromMatrix([x[0], y[0], z[0], x[1], y[1], z[1], x[2], y[2], z[2]]);
    }
    case 'zaxis':
      return alongZ(read.vector(text, place, kind), read, place);
  }
}

/** The least rotation that brings z along a vector. */
export function alongZ(vector: Vector3, read: Reader, place: string): Quaternion {
  const z = unit(vector, read, place);
  const axis = cross([0, 0, 1], z);
  const sine = Math.hypot(...axis);
  if (sine < 1e-12) return z[2] > 0 ? [0, 0, 0, 1] : [1, 0, 0, 0];
  return quaternionFromMatrix(rotation(axis, Math.atan2(sine, z[2])));
}

function unit(vector: Vector3, read: Reader, place: string): Vector3 {
  const length = read.positive(Math.hypot(...vector), place, 'length of an axis');
  return [vector[0] / length, vector[1] / length, vector[2] / length];
}

function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function rotation(axis: Vector3, angle: number): Matrix3 {
  const length = Math.hypot(...axis);
  return matrixFromAxisAngle([axis[0] / length, axis[1] / length, axis[2] / length], angle);
}

function multiply(a: Matrix3, b: Matrix3): Matrix3 {
  const at = (i: number, j: number) => a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
  return [at(0, 0), at(0, 1), at(0, 2), at(1, 0), at(1, 1), at(1, 2), at(2, 0), at(2, 1), at(2, 2)];
}
