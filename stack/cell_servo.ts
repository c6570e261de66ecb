import { CollisionWorld } from '../collision/index.ts';
import {
  CollisionSlowdown,
  type ControlLoop,
  type Servo,
  type ServoArm,
  type ServoCommands,
  SteeredSource,
  servoWithin,
} from '../control/index.ts';
import { TABLE_WORKCELL } from '../planning/index.ts';
import type { Robot } from '../robots/index.ts';
import type { OperatingMode } from '../safety/index.ts';

/**
 * The servo of a simulated cell, within the limits of the mode that is selected, and kept from the table, the floor, the
 * overview camera and the arm itself. A trajectory goes first.
 */
export class CellServo implements ServoArm {
  readonly robot: Robot;
  private readonly loop: ControlLoop;
  private readonly guard: CollisionSlowdown;
  private readonly source: SteeredSource;
  private mode: OperatingMode;
  private attached = false;
  private yielding = false;

  constructor(loop: ControlLoop) {
    this.loop = loop;
    this.robot = loop.robot;
    const world = new CollisionWorld(loop.robot);
    world.setObstacles(TABLE_WORKCELL.obstacles);
    this.guard = new CollisionSlowdown(loop.robot, world);
    this.mode = loop.gate.selectedMode;
    this.source = new SteeredSource(loop, this.limited());
  }

  get busy(): boolean {
    return this.yielding || this.loop.follower.active;
  }

  get commands(): ServoCommands {
    return this.source.servo;
  }

  get status(): ServoArm['status'] {
    return this.source;
  }

  get targets_share(): number | null {
    return this.source.targets_share;
  }

  setTargets(values: Float64Array, age_s: number): void {
    this.source.setTargets(values, age_s);
  }

  attach(): void {
    this.attached = true;
    if (!this.yielding) this.loop.source = this.source;
  }

  detach(): void {
    this.attached = false;
    if (this.loop.source === this.source) this.loop.source = null;
  }

  /** Gives its place to another source, until it is to take it back; what it was told before is forgotten. */
  yieldTo(yielding: boolean): void {
    this.yielding = yielding;
    this.source.servo.halt();
    this.source.dropTargets();
    if (!yielding) this.loop.source = this.attached ? this.source : null;
  }

  /** After every tick of the loop. */
  afterTick(): void {
    const { loop } = this;
    if (loop.follower.active) {
      this.source.dropTargets();
      if (this.source.servo.commanded) this.source.servo.halt();
    }
    // It changes at rest only.
    if (loop.gate.selectedMode === this.mode) return;
    this.mode = loop.gate.selectedMode;
    this.source.servo = this.limited();
  }

  private limited(): Servo {
    const { gate, robot } = this.loop;
    return servoWithin(robot, gate.hz, gate.envelope, this.mode, this.guard);
  }
}
