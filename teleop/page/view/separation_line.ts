import { type Camera, type Line, Quaternion, type Scene, Vector3 } from 'three';
import type { SceneMessage } from '../../protocol/messages.ts';
import type { ArmModel } from './arm_model.ts';
import { closestOfSegments } from './closest_segments.ts';
import { buildSeparation } from './scene_items.ts';

/** From the arm to the nearest body a line with the distance that the supervisor measured, in red where it is too little. */
export class SeparationLine {
  private readonly line: Line;
  private readonly text = document.createElement('span');
  private readonly chain: number[] = [];
  private readonly pair = new Float64Array(6);
  private readonly nearest = new Float64Array(6);
  private readonly from = new Vector3();
  private readonly to = new Vector3();
  private segments: readonly { readonly ends: Float64Array; readonly radius_m: number }[] = [];
  private distance_m: number | null = null;
  private least_m: number | null = null;

  constructor(world: Scene, layer: HTMLElement) {
    this.line = buildSeparation();
    this.line.visible = false;
    this.text.className = 'separation-label';
    this.text.hidden = true;
    world.add(this.line);
    layer.append(this.text);
  }

  bodies(bodies: SceneMessage['bodies']): void {
    const axis = new Vector3();
    const turn = new Quaternion();
    this.segments = bodies.map(({ radius_m, length_m, pose }) => {
      const [x, y, z, w] = pose.orientation;
      axis.set(0, 0, length_m / 2).applyQuaternion(turn.set(x, y, z, w));
      const [px, py, pz] = pose.position;
      const ends = [px - axis.x, py - axis.y, pz - axis.z, px + axis.x, py + axis.y, pz + axis.z];
      return { ends: Float64Array.from(ends), radius_m };
    });
  }

  /** @returns whether what is shown changes */
  measured(distance_m: number | null, least_m: number | null): boolean {
    this.distance_m = distance_m;
    this.least_m = least_m;
    if (distance_m === null) return this.text.hidden === false;
    const text = `${distance_m.toFixed(2)} m${least_m === null ? '' : `, least ${least_m.toFixed(2)} m`}`;
    if (text === this.text.textContent) return this.text.hidden === true;
    this.text.textContent = text;
    return true;
  }

  update(arm: ArmModel | null, camera: Camera, width: number, height: number): void {
    const shown = this.distance_m !== null && arm !== null && this.segments.length > 0;
    this.line.visible = shown;
    this.text.hidden = !shown;
    if (!shown || arm === null) return;
    this.find(arm);
    this.from.fromArray(this.nearest, 0);
    this.to.fromArray(this.nearest, 3);
    const { position } = this.line.geometry.attributes;
    position.setXYZ(0, this.from.x, this.from.y, this.from.z);
    position.setXYZ(1, this.to.x, this.to.y, this.to.z);
    position.needsUpdate = true;
    this.line.computeLineDistances();
    this.text.classList.toggle('near', (this.distance_m ?? 0) <= (this.least_m ?? 0) * 1.1);
    const at = this.from.lerp(this.to, 0.5).project(camera);
    const x = Math.round(((at.x + 1) / 2) * width);
    const y = Math.round(((1 - at.y) / 2) * height);
    this.text.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`;
  }

  private find(arm: ArmModel): void {
    arm.chain(this.chain);
    let least = Infinity;
    for (let i = 0; i + 6 <= this.chain.length; i += 3) {
      for (const { ends, radius_m } of this.segments) {
        const away = closestOfSegments(this.chain, i, ends, this.pair) - radius_m;
        if (away >= least) continue;
        least = away;
        this.nearest.set(this.pair);
        const share = Math.max(0, away) / Math.max(1e-9, away + radius_m);
        for (let k = 0; k < 3; k++) this.nearest[3 + k] = this.pair[k] + (this.pair[3 + k] - this.pair[k]) * share;
      }
    }
  }
}
