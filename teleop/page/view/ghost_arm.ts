import type { Scene } from 'three';
import type { Preview } from '../../protocol/messages.ts';
import type { ArmModel } from './arm_model.ts';
import { playPath } from './path_player.ts';
import { buildAxes, placeAt } from './scene_items.ts';

const PAINT = { colour: 0x2f81f7, opacity: 0.35 };

/** The arm along a planned motion, see-through; it moves unless the person asked for less motion. */
export class GhostArm {
  private readonly world: Scene;
  private readonly calm = matchMedia('(prefers-reduced-motion: reduce)');
  private readonly hand = buildAxes(0.06);
  private arm: ArmModel | null = null;
  private model: ArmModel | null = null;
  private shown: Preview | null = null;
  private began_ms = 0;
  private pose = new Float64Array(0);

  constructor(world: Scene) {
    this.world = world;
    this.hand.visible = false;
    this.world.add(this.hand);
  }

  /** The arm whose ghost it is; made when there is something to show. */
  of(arm: ArmModel | null): void {
    this.model = arm;
    this.arm?.root.removeFromParent();
    this.arm = null;
  }

  preview(preview: Preview | null, now_ms: number): void {
    this.shown = preview !== null && preview.path.length > 0 ? preview : null;
    this.began_ms = now_ms;
    this.pose = new Float64Array(this.shown?.path[0].length ?? 0);
    this.hand.visible = this.shown?.tool != null;
    if (this.shown?.tool != null) placeAt(this.hand, this.shown.tool);
  }

  /** Poses the ghost for this moment. @returns whether it moves on */
  play(now_ms: number): boolean {
    if (this.arm !== null) this.arm.root.visible = this.shown !== null;
    if (this.shown === null || this.model === null) return false;
    if (this.arm === null) {
      this.arm = this.model.ghost(PAINT);
      this.world.add(this.arm.root);
    }
    const { path, joint_names, width_m } = this.shown;
    playPath(path, (now_ms - this.began_ms) / 1000, this.calm.matches, this.pose);
    this.arm.pose(joint_names, this.pose, width_m);
    return !this.calm.matches && path.length > 1;
  }
}
