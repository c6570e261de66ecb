import type { Driver, RobotState } from '../control/index.ts';
import type { Robot } from '../robots/index.ts';
import { assertSafe, type SafeCommand } from '../safety/index.ts';
import { ARM_PHASES, type ArmPhase, COMMAND, historyRows, STATE } from './arm_protocol.ts';
import type { ChannelReader, ChannelWriter } from './channel.ts';

/**
 * Driver of an arm at the far end of a pair of channels; see arm_protocol.ts.
 *
 * Where the command channel remembers commands, the far end carries them out later than they are sent, and a state stands for
 * the time of the command it names: the state read is then moved on by what was commanded since, so that the arm's
 * deviation is compared with the command it belongs to.
 */
export class ArmDriver implements Driver {
  readonly joint_names: readonly string[];
  /** Reads in a row that found no new state. */
  silent = 0;
  /** What the arm last said: its phase, and how many commands it has refused. */
  phase: ArmPhase = 'holding';
  refused = 0;
  elapsed_cycles = 0;
  readonly states: ChannelReader;
  private readonly commands: ChannelWriter;
  private readonly session: number;
  private readonly state: RobotState;
  private readonly joints: number;
  private readonly rows: number;
  private cycles = 0;
  private sequence = 0;
  /** Commands sent since this driver began. */
  private sent = 0;

  /** @param session  a number no controller of this arm has had before, not 0 */
  constructor(robot: Robot, commands: ChannelWriter, states: ChannelReader, session: number) {
    const { nq } = robot.model;
    this.joint_names = robot.model.joint_names;
    this.joints = robot.arm_joints;
    this.commands = commands;
    this.rows = historyRows(commands.payload.length, robot.arm_joints);
    this.states = states;
    this.session = session;
    this.state = {
      position: new Float64Array(nq),
      velocity: new Float64Array(nq),
      effort: new Float64Array(nq),
      wrench: new Float64Array(6),
    };
  }

  read(): RobotState {
    const { state, states } = this;
    const news = states.poll();
    this.silent = news ? 0 : this.silent + 1;
    this.elapsed_cycles = news ? states.payload[STATE.cycles] - this.cycles : 0;
    if (news) {
      const { payload } = states;
      this.cycles = payload[STATE.cycles];
      this.phase = ARM_PHASES[payload[STATE.phase]] ?? 'holding';
      this.refused = payload[STATE.refused];
      this.copyState();
    }
    if (this.rows > 0) this.bringForward();
    return state;
  }

  private copyState(): void {
    const { state, states } = this;
    const { payload } = states;
    let from = STATE.coordinates;
    for (const part of [state.position, state.velocity, state.effort, state.wrench]) {
      for (let i = 0; i < part.length; i++) part[i] = payload[from + i];
      from += part.length;
    }
  }

  /** Positions: what was reported, and what was commanded since the command it stands for. */
  private bringForward(): void {
    if (this.phase !== 'following') return;
    const { joints, state, commands, states } = this;
    const back = this.sequence - states.payload[STATE.sequence];
    if (!(back > 0) || back >= Math.min(this.rows, this.sent)) return;
    const { payload } = commands;
    const newest = COMMAND.joints + 5 * joints;
    for (let i = 0; i < joints; i++) {
      state.position[i] =
        states.payload[STATE.coordinates + i] + payload[newest + i] - payload[newest + back * joints + i];
    }
  }

  write(command: SafeCommand): void {
    assertSafe(command);
    const { joints, commands } = this;
    const { payload } = commands;
    payload[COMMAND.session] = this.session;
    payload[COMMAND.sequence] = command.sequence;
    payload[COMMAND.stop_time_s] = command.stop_time_s;
    payload[COMMAND.drives_on] = command.drives_on ? 1 : 0;
    payload[COMMAND.gripper_width_m] = command.gripper_width_m;
    payload[COMMAND.gripper_force_N] = command.gripper_force_N;
    for (let i = 0; i < joints; i++) {
      payload[COMMAND.joints + i] = command.position[i];
      payload[COMMAND.joints + joints + i] = command.velocity[i];
      payload[COMMAND.joints + 2 * joints + i] = command.acceleration[i];
    }
    if (this.rows > 0) this.remember(command);
    commands.send();
  }

  private remember(command: SafeCommand): void {
    const { joints, rows } = this;
    const { payload } = this.commands;
    const stop = COMMAND.joints + 3 * joints;
    const newest = stop + 2 * joints;
    payload.copyWithin(newest + joints, newest, newest + (rows - 1) * joints);
    for (let i = 0; i < joints; i++) {
      payload[stop + i] = command.stop_acceleration[i];
      payload[stop + joints + i] = command.stop_jerk[i];
      payload[newest + i] = command.position[i];
    }
    this.sequence = command.sequence;
    this.sent++;
  }
}
