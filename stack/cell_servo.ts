import { CollisionWorld } from '../collision/index.ts';
import {
  CollisionSlowdown,
  type ControlLoop,
  type Servo,
  type ServoArm,
  type ServoCommands,
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
  private servo: Servo;
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
    this.servo = this.limited();
  }

  get busy(): boolean {
    return this.yielding || this.loop.follower.active;
  }

  get commands(): ServoCommands {
    return this.servo;
  }

  get status(): Servo['status'] {
    return this.servo.status;
  }

  attach(): void {
    this.attached = true;
    if (!this.yielding) this.loop.source = this.servo;
  }

  detach(): void {
    this.attached = false;
    if (this.loop.source === this.servo) this.loop.source = null;
  }

  /** Gives its place to another source, until it is to take it back; what it was told before is forgotten. */
  yieldTo(yielding: boolean): void {
    this.yielding = yielding;
    this.servo.halt();
    if (!yielding) this.loop.source = this.attached ? this.servo : null;
  }

  /** After every tick of the loop. */
  afterTick(): void {
    const { loop } = this;
    if (loop.follower.active && this.servo.commanded) this.servo.halt();
    // It changes at rest only.
    if (loop.gate.selectedMode === this.mode) return;
    this.mode = loop.gate.selectedMode;
    this.servo = this.limited();
    if (this.attached && !this.yielding) loop.source = this.servo;
  }

  private limited(): Servo {
    const { gate, robot } = this.loop;
    return servoWithin(robot, gate.hz, gate.envelope, this.mode, this.guard);
  }
}
