import type { Driver, RobotState } from '../control/index.ts';
import type { Robot } from '../robots/index.ts';
import { assertSafe, type SafeCommand } from '../safety/index.ts';
import { ARM_PHASES, type ArmPhase, COMMAND, STATE } from './arm_protocol.ts';
import type { ChannelReader, ChannelWriter } from './channel.ts';

/** Driver of an arm at the far end of a pair of channels; see arm_protocol.ts. */
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
  private cycles = 0;

  /** @param session  a number no controller of this arm has had before, not 0 */
  constructor(robot: Robot, commands: ChannelWriter, states: ChannelReader, session: number) {
    const { nq } = robot.model;
    this.joint_names = robot.model.joint_names;
    this.joints = robot.arm_joints;
    this.commands = commands;
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
    if (!states.poll()) {
      this.silent++;
      this.elapsed_cycles = 0;
      return state;
    }
    this.silent = 0;
    const { payload } = states;
    this.elapsed_cycles = payload[STATE.cycles] - this.cycles;
    this.cycles = payload[STATE.cycles];
    this.phase = ARM_PHASES[payload[STATE.phase]] ?? 'holding';
    this.refused = payload[STATE.refused];
    let from = STATE.coordinates;
    for (const part of [state.position, state.velocity, state.effort, state.wrench]) {
      for (let i = 0; i < part.length; i++) part[i] = payload[from + i];
      from += part.length;
    }
    return state;
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
    commands.send();
  }
}
