import { Group } from 'three';
import type { Shape, Vector3 } from '../../contracts/index.ts';
import { buildShapeMesh, LABEL } from '../../sim/index.ts';

export interface PropPart {
  readonly shape: Shape;
  /** Of its centre in the prop's frame, m. */
  readonly position: Vector3;
  readonly rgb: Vector3;
}

/** Something that cameras see and that touches nothing: a person, or what hangs in front of a lens. */
export class Prop {
  readonly object = new Group();

  constructor(parts: readonly PropPart[]) {
    for (const { shape, position, rgb } of parts) {
      const mesh = buildShapeMesh(shape, rgb, LABEL.background);
      mesh.position.set(...position);
      this.object.add(mesh);
    }
    this.object.visible = false;
  }

  /** Shows it with its frame's origin there (m, frame world), axes as the world's. */
  place(position: Vector3): void {
    this.object.position.set(...position);
    this.object.visible = true;
  }

  hide(): void {
    this.object.visible = false;
  }
}
