import type { BufferGeometry } from 'three';
import { grown } from './grown.ts';

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
    this.reserve(1);
    if (this.key[this.at] !== value) {
      this.key[this.at] = value;
      this.same = false;
    }
    this.at++;
  }

  addAll(values: ArrayLike<number>, count: number): void {
    this.reserve(count);
    const { key, at } = this;
    for (let i = 0; i < count; i++) {
      if (key[at + i] === values[i]) continue;
      key[at + i] = values[i];
      this.same = false;
    }
    this.at += count;
  }

  private reserve(count: number): void {
    if (this.at + count > this.key.length) this.key = grown(this.key, this.at + count, Float64Array);
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
