import type { Colliders } from './colliders.ts';
import type { Manifold } from './manifold.ts';

/**
 * Takes the face of box `a` across its axis, on the side of collider `b`, as the reference face: origin at the box's
 * centre, u and v the next two of its axes in turn. Returns 1 if the box's axis points out of the face, else −1.
 */
export function setFaceFrame(c: Colliders, a: number, b: number, axis: number, out: Manifold): number {
  const { R, p, size } = c;
  const { frame } = out;
  const A = 9 * a;
  const u = nextAxis(axis);
  const v = nextAxis(u);
  const x = R[A + axis];
  const y = R[A + 3 + axis];
  const z = R[A + 6 + axis];
  const toward = x * (p[3 * b] - p[3 * a]) + y * (p[3 * b + 1] - p[3 * a + 1]) + z * (p[3 * b + 2] - p[3 * a + 2]);
  const sign = toward < 0 ? -1 : 1;
  frame[0] = p[3 * a];
  frame[1] = p[3 * a + 1];
  frame[2] = p[3 * a + 2];
  frame[3] = R[A + u];
  frame[4] = R[A + 3 + u];
  frame[5] = R[A + 6 + u];
  frame[6] = R[A + v];
  frame[7] = R[A + 3 + v];
  frame[8] = R[A + 6 + v];
  frame[9] = sign * x;
  frame[10] = sign * y;
  frame[11] = sign * z;
  frame[12] = size[3 * a + axis];
  return sign;
}

/** Takes the cap of cylinder `a` at the end `sign` of its axis as the reference face: origin at the cap's centre. */
export function setCapFrame(c: Colliders, a: number, sign: number, out: Manifold): void {
  const { R, p, size } = c;
  const { frame } = out;
  const A = 9 * a;
  for (let k = 0; k < 3; k++) {
    const n = sign * R[A + 3 * k + 2];
    frame[k] = p[3 * a + k] + size[3 * a + 1] * n;
    frame[3 + k] = R[A + 3 * k];
    frame[6 + k] = R[A + 3 * k + 1];
    frame[9 + k] = n;
  }
  frame[12] = 0;
}

/** The face of box `b` most opposed to the reference face: twice its axis, plus 1 if it is the one towards −axis. */
export function incidentFace(R: Float64Array, b: number, out: Manifold): number {
  const { frame } = out;
  const B = 9 * b;
  let incident = 0;
  let most = 0;
  for (let k = 0; k < 3; k++) {
    const t = R[B + k] * frame[9] + R[B + 3 + k] * frame[10] + R[B + 6 + k] * frame[11];
    if (Math.abs(t) > Math.abs(most)) {
      most = t;
      incident = k;
    }
  }
  return 2 * incident + (most > 0 ? 1 : 0);
}

/** The axis after `axis` in the order 0, 1, 2, 0. */
export function nextAxis(axis: number): number {
  return axis === 2 ? 0 : axis + 1;
}
