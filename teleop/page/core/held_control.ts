/** With what a motion is held. */
export type HeldBy = 'pointer' | 'keyboard' | 'gamepad';

/** One control that is down: how far (-1..1) it drives an axis, which is x y z and rotations about them, or a joint. */
export interface Push {
  readonly axis: number;
  readonly amount: number;
}

/** Which controls are down; only of one kind at a time. */
export class HeldControl {
  private readonly pushes = new Map<string, Push>();
  private heldBy: HeldBy | null = null;

  get by(): HeldBy | null {
    return this.heldBy;
  }

  /** Whether it counts. */
  press(by: HeldBy, control: string, push: Push): boolean {
    if (this.heldBy !== null && this.heldBy !== by) return false;
    this.heldBy = by;
    this.pushes.set(control, push);
    return true;
  }

  /** Whether with this the last one is let go. */
  lift(control: string): boolean {
    if (!this.pushes.delete(control) || this.pushes.size > 0) return false;
    this.heldBy = null;
    return true;
  }

  /** Whatever is down no longer counts; whether anything was. */
  drop(): boolean {
    const held = this.heldBy !== null;
    this.pushes.clear();
    this.heldBy = null;
    return held;
  }

  /** Into `axes`, each -1..1. */
  sum(axes: Float64Array): void {
    axes.fill(0);
    for (const { axis, amount } of this.pushes.values()) {
      if (axis < axes.length) axes[axis] = Math.max(-1, Math.min(1, axes[axis] + amount));
    }
  }
}
