import type { BodyTrack } from '../../../contracts/index.ts';
import type { Robot, ToolChange } from '../../../robots/index.ts';
import type { MeasuredState } from '../../arm_monitor.ts';
import type { CommandRequest } from '../../command_request.ts';
import type { Envelope } from '../../envelope.ts';
import { SafetyGate } from '../../gate.ts';
import type { Obstacle } from '../../obstacle.ts';
import type { StopCategory } from '../../reasons.ts';
import type { SafeCommand } from '../../safe_command.ts';
import type { OperatingMode } from '../../state_machine.ts';
import { JournalBlock } from './block.ts';
import { type BlockSink, JournalWriter } from './writer.ts';

export interface JournalOptions {
  /** Memory of the first block, e.g. of a ring that another thread reads. */
  readonly block?: JournalBlock;
  /** By which the robot differs from the one of its name; null for none. */
  readonly tool?: ToolChange | null;
}

/**
 * A gate that writes down everything it is told and what it decides, so that it can be replayed. It decides as the gate does.
 * Without a sink by its first cycle it keeps no journal.
 */
export class JournalledGate extends SafetyGate {
  private journal: JournalWriter | null;
  private sink: BlockSink | null = null;
  private measured: MeasuredState | null = null;
  private readonly told = { enabled: false, policies: true, pace: 1 };

  constructor(envelope: Envelope, robot: Robot, hz: number, lease_salt = 0, journal: JournalOptions = {}) {
    super(envelope, robot, hz, lease_salt);
    const joints = envelope.joints.length;
    const { block = new JournalBlock(joints), tool = null } = journal;
    this.journal = new JournalWriter(joints, block, {
      take: (full) => this.sink?.take(full) ?? full,
    });
    this.journal.json('begin', { robot: robot.name, hz, lease_salt, envelope, ...(tool === null ? {} : { tool }) });
  }

  /** Where blocks go from now on; before the first cycle. */
  journalTo(sink: BlockSink): void {
    this.sink = sink;
  }

  /** Hands out what has been written so far. */
  flushJournal(): void {
    this.journal?.flush();
  }

  override reset(position: Float64Array, gripper_width_m = 0, velocity: Float64Array | null = null): void {
    super.reset(position, gripper_width_m, velocity);
    this.journal?.json('reset', {
      position: [...position.subarray(0, this.envelope.joints.length)],
      gripper_width_m,
      velocity: velocity === null ? null : [...velocity.subarray(0, this.envelope.joints.length)],
    });
  }

  override grant(nonce: number): boolean {
    this.journal?.grant(nonce);
    return super.grant(nonce);
  }

  override requestStop(category: StopCategory = 1): void {
    this.journal?.stop(category);
    super.requestStop(category);
  }

  override rejectCommand(reason: 'non_finite' | 'wrong_length'): void {
    this.journal?.reject(reason);
    super.rejectCommand(reason);
  }

  override reportLate(): void {
    this.journal?.late();
    super.reportLate();
  }

  override selectMode(mode: OperatingMode): string {
    this.journal?.mode(mode);
    return super.selectMode(mode);
  }

  override setEnabled(enabled: boolean): void {
    if (enabled !== this.told.enabled) this.journal?.enabled(enabled);
    this.told.enabled = enabled;
    super.setEnabled(enabled);
  }

  override setPolicies(allowed: boolean): void {
    if (allowed !== this.told.policies) this.journal?.policies(allowed);
    this.told.policies = allowed;
    super.setPolicies(allowed);
  }

  override setPace(share: number): void {
    super.setPace(share);
    if (share !== this.told.pace) this.journal?.pace(share);
    this.told.pace = share;
  }

  override setObstacles(obstacles: readonly Obstacle[], t_s: number): void {
    super.setObstacles(obstacles, t_s);
    this.journal?.json('obstacles', { obstacles, t_s });
  }

  override setBodies(bodies: readonly BodyTrack[], sensed_s: number, count = bodies.length, source = 0): void {
    this.journal?.bodies(bodies, sensed_s, count, source);
    super.setBodies(bodies, sensed_s, count, source);
  }

  override rejectBodies(): void {
    this.journal?.rejectBodies();
    super.rejectBodies();
  }

  override setEnvelope(envelope: Envelope): void {
    super.setEnvelope(envelope);
    this.journal?.json('envelope', envelope);
  }

  override observe(state: MeasuredState | null): void {
    super.observe(state);
    this.measured = state;
  }

  override acknowledge(): string {
    this.journal?.acknowledge(this.measured);
    return super.acknowledge();
  }

  override step(t_s: number, request: CommandRequest): SafeCommand {
    if (this.sink === null) this.journal = null;
    const command = super.step(t_s, request);
    this.journal?.cycle(t_s, request, this.measured, this);
    return command;
  }
}
