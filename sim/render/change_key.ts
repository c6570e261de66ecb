import type { BufferGeometry } from 'three';

/**
 * Tells whether anything that a kept picture depends on has changed since the frame before. Every frame tells it all of
 * that, number by number, between `begin` and `end`. Allocates only while the key grows.
 */
export class ChangeKey {
  private key = new Float64Array(256);
  private at = 0;
  private length = 0;
  private readonly geometries: BufferGeometry[] = [];
  private meshes = 0;
  private same = true;

  begin(): void {
    this.at = 0;
    this.meshes = 0;
    this.same = true;
  }

  add(value: number): void {
    if (this.at === this.key.length) {
      const longer = new Float64Array(2 * this.at);
      longer.set(this.key);
      this.key = longer;
    }
    if (this.key[this.at] !== value) {
      this.key[this.at] = value;
      this.same = false;
    }
    this.at++;
  }

  addAll(values: ArrayLike<number>, count: number): void {
    for (let i = 0; i < count; i++) this.add(values[i]);
  }

  addGeometry(geometry: BufferGeometry): void {
    if (this.geometries[this.meshes] !== geometry) {
      this.geometries[this.meshes] = geometry;
      this.same = false;
    }
    this.meshes++;
  }

  /** True if there are meshes and all is as it was one frame ago. */
  end(): boolean {
    const same = this.same && this.at === this.length && this.meshes > 0;
    this.length = this.at;
    return same;
  }
}
