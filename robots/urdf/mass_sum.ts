import type { Vector3 } from '../../contracts/index.ts';
import type { Matrix3 } from '../../dynamics/index.ts';

/** Adds up rigid parts given in one frame: mass, first moment and inertia about the frame's origin. */
export class MassSum {
  mass = 0;
  private readonly first = [0, 0, 0];
  /** xx yy zz xy xz yz about the origin. */
  private readonly second = [0, 0, 0, 0, 0, 0];

  /** @param inertia about the part's centre of mass, axes R: xx yy zz xy xz yz (kg·m²) */
  add(mass: number, com: Vector3, R: Matrix3, inertia: readonly number[]): void {
    const [xx, yy, zz, xy, xz, yz] = inertia;
    const tensor = [xx, xy, xz, xy, yy, yz, xz, yz, zz];
    this.mass += mass;
    for (let k = 0; k < 3; k++) this.first[k] += mass * com[k];
    PAIRS.forEach(([i, j], k) => {
      let rotated = 0;
      for (let m = 0; m < 3; m++) {
        for (let n = 0; n < 3; n++) rotated += R[3 * i + m] * tensor[3 * m + n] * R[3 * j + n];
      }
      this.second[k] += rotated + steiner(mass, com, i, j);
    });
  }

  com(): Vector3 {
    if (this.mass === 0) return [0, 0, 0];
    return [this.first[0] / this.mass, this.first[1] / this.mass, this.first[2] / this.mass];
  }

  /** About the common centre of mass, same axes: xx yy zz xy xz yz. */
  inertiaAboutCom(): number[] {
    const com = this.com();
    return PAIRS.map(([i, j], k) => this.second[k] - steiner(this.mass, com, i, j));
  }
}

const PAIRS = [
  [0, 0],
  [1, 1],
  [2, 2],
  [0, 1],
  [0, 2],
  [1, 2],
] as const;

/** m (c·c δij − ci cj), the parallel axis theorem. */
function steiner(mass: number, c: Vector3, i: number, j: number): number {
  const square = i === j ? c[0] * c[0] + c[1] * c[1] + c[2] * c[2] : 0;
  return mass * (square - c[i] * c[j]);
}
