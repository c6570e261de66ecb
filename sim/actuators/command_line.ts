import type { SafeCommand } from '../../safety/index.ts';

/** Entries after the joints' positions, velocities and efforts. */
export const WIDTH = 0;
export const FORCE = 1;
export const TORQUE_INTERFACE = 2;
const EXTRA = 3;

/**
 * The way of commands to the drives: what is sent in one control cycle arrives a fixed number of cycles later; of several
 * sent in one cycle the last. Allocates nothing.
 */
export class CommandLine {
  /** The command that arrived last: position, velocity and effort of each joint, then WIDTH, FORCE, TORQUE_INTERFACE. */
  readonly arrived: Float64Array;
  readonly latency: number;
  private readonly joints: number;
  /** Slots by the cycle of sending modulo latency + 1: the cycle, then the command. */
  private readonly slots: Float64Array;
  private readonly width: number;
  /** Cycles since the start; one entry. */
  private readonly cycle = new Float64Array(1);

  constructor(joints: number, latency_cycles: number) {
    this.joints = joints;
    this.latency = latency_cycles;
    this.width = 1 + 3 * joints + EXTRA;
    this.arrived = new Float64Array(this.width - 1);
    this.slots = new Float64Array((latency_cycles + 1) * this.width);
    this.reset();
  }

  /** Everything that following cycles depend on. */
  get memory(): readonly Float64Array[] {
    return [this.arrived, this.slots, this.cycle];
  }

  /** Forgets what is under way. */
  reset(): void {
    for (let k = 0; k <= this.latency; k++) this.slots[k * this.width] = -1;
  }

  send(command: SafeCommand): void {
    const { slots, joints, width, cycle } = this;
    const o = (cycle[0] % (this.latency + 1)) * width;
    slots[o] = cycle[0];
    slots.set(command.position, o + 1);
    slots.set(command.velocity, o + 1 + joints);
    slots.set(command.effort, o + 1 + 2 * joints);
    const extra = o + 1 + 3 * joints;
    slots[extra + WIDTH] = command.gripper_width_m;
    slots[extra + FORCE] = command.gripper_force_N;
    slots[extra + TORQUE_INTERFACE] = command.torque_interface ? 1 : 0;
  }

  /** Takes what arrives in this cycle into `arrived`; false if nothing does. */
  receive(): boolean {
    const { slots, arrived, width, latency, cycle } = this;
    const sent = cycle[0] - latency;
    if (sent < 0) return false;
    const o = (sent % (latency + 1)) * width;
    if (slots[o] !== sent) return false;
    slots[o] = -1;
    for (let k = 0; k < arrived.length; k++) arrived[k] = slots[o + 1 + k];
    return true;
  }

  /** Ends the cycle. */
  advance(): void {
    this.cycle[0]++;
  }
}
