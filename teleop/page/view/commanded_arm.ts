import type { Scene } from 'three';
import type { ArmModel } from './arm_model.ts';

const PAINT = { colour: 0xd29922, opacity: 0.35 };

/** The arm where its drives were told to be, see-through beside the measured one; made when somebody wants to see it. */
export class CommandedArm {
  private readonly world: Scene;
  private model: ArmModel | null = null;
  private arm: ArmModel | null = null;
  private wanted = false;
  private names: readonly string[] = [];
  private position: readonly number[] = [];

  constructor(world: Scene) {
    this.world = world;
  }

  /** The arm whose twin it is. */
  of(arm: ArmModel | null): void {
    this.model = arm;
    this.arm?.root.removeFromParent();
    this.arm = null;
    this.place();
  }

  want(wanted: boolean): void {
    this.wanted = wanted;
    this.place();
  }

  /** @param position  rad (m), empty where nobody tells: then it is not drawn. @returns whether the picture changes */
  at(names: readonly string[], position: readonly number[]): boolean {
    const same = names === this.names && position.length === this.position.length;
    if (same && position.every((value, i) => value === this.position[i])) return false;
    this.names = names;
    this.position = position;
    this.place();
    return this.wanted;
  }

  private place(): void {
    const shown = this.wanted && this.position.length > 0;
    if (shown && this.arm === null && this.model !== null) {
      this.arm = this.model.ghost(PAINT);
      this.world.add(this.arm.root);
    }
    if (this.arm === null) return;
    this.arm.root.visible = shown;
    if (shown) this.arm.pose(this.names, this.position, Number.NaN);
  }
}
