import type { JointTrajectory, TrajectoryTolerances } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import {
  type CommandRequest,
  createCommandRequest,
  type GateObservation,
  isOperating,
  type SafetyGate,
} from '../safety/index.ts';
import type { ContactDetector } from './contact_detector.ts';
import type { Driver, RobotState } from './driver.ts';
import { GripperController, type GripperOptions } from './gripper_controller.ts';
import { type FollowerOptions, TrajectoryFollower } from './trajectory_follower.ts';

/** Where the gate's grants come from: a Supervisor stepped in lock-step, or a channel to one in another process. */
export interface LeaseSource {
  /** Once a cycle at `t_s` (s, the gate's clock): the nonce that is granted, 0 for none. */
  step(t_s: number, gate: GateObservation): number;
}

/** What commands the arm where no trajectory is followed: a policy, a person, an environment's actions. */
export interface CommandSource {
  /** Once a cycle: writes kind and values of `request`, whose kind is `none`. `motion_s` as trajectories go by it. */
  update(motion_s: number, state: RobotState, gate: SafetyGate, request: CommandRequest): void;
}

/** Who watches the arm for contact with what nobody knows of, and whether such contact stops it until the operator resets. */
export interface ContactReaction {
  readonly detector: ContactDetector;
  readonly stop: boolean;
}

export interface ControlLoopOptions {
  readonly robot: Robot;
  readonly driver: Driver;
  readonly gate: SafetyGate;
  readonly supervisor: LeaseSource;
  readonly follower?: Partial<FollowerOptions>;
  readonly gripper?: Partial<GripperOptions>;
  readonly contact?: ContactReaction | null;
}

/**
 * One control cycle: driver state -> trajectory follower and gripper controller -> lease -> safety gate -> driver. Holds
 * the driver to itself. `tick` allocates nothing; what has ended is told by the `finished` flags of follower and gripper.
 */
export class ControlLoop {
  readonly robot: Robot;
  readonly gate: SafetyGate;
  readonly follower: TrajectoryFollower;
  /** Null for a robot without a gripper. */
  readonly gripper: GripperController | null;
  /** Null where nothing watches for contact. */
  readonly contact: ContactDetector | null;
  /** Commands in cycles without a trajectory; without one the arm comes to rest and holds. */
  source: CommandSource | null = null;
  /** Cycles since the start. */
  ticks = 0;
  readonly #driver: Driver;
  readonly #supervisor: LeaseSource;
  readonly #request: CommandRequest;
  readonly #stop_on_contact: boolean;
  #state: RobotState;

  /** Reads the robot, which must be at rest, and starts the gate there. */
  constructor(options: ControlLoopOptions) {
    const { robot, driver, gate, supervisor } = options;
    this.robot = robot;
    this.gate = gate;
    this.#driver = driver;
    this.#supervisor = supervisor;
    this.#request = createCommandRequest(robot.arm_joints);
    this.contact = options.contact?.detector ?? null;
    this.#stop_on_contact = options.contact?.stop ?? false;
    this.#state = driver.read();
    const width_m = robot.gripper === null ? 0 : 2 * this.#state.position[robot.gripper.coordinate];
    gate.reset(this.#state.position, width_m);
    this.follower = new TrajectoryFollower(robot, gate.hz, options.follower);
    this.gripper =
      robot.gripper === null ? null : new GripperController(robot.gripper, gate.hz, width_m, options.gripper);
  }

  /** The robot as last read; overwritten by the next tick. */
  get state(): RobotState {
    return this.#state;
  }

  /**
   * One cycle at `t_s` (s, rising; lease and age of commands go by it). `motion_s` is the time trajectories go by: where
   * cycles can come late it counts cycles, so that a late one makes the motion later and not faster.
   */
  tick(t_s: number, motion_s = t_s): void {
    const { gate, follower, gripper, contact } = this;
    const request = this.#request;
    const state = this.#driver.read();
    this.#state = state;
    if (contact !== null) {
      contact.update(state, this.#driver.elapsed_cycles);
      if (this.#stop_on_contact && contact.contact) gate.requestStop();
    }
    follower.update(motion_s, state.position, state.velocity, gate, request);
    if (this.source !== null && !follower.active) this.source.update(motion_s, state, gate, request);
    if (gripper !== null) {
      const { position, velocity, tactile } = state;
      gripper.update(position, velocity, isOperating(gate.mode), request, tactile ?? null);
    }
    request.stamp_s = t_s;
    request.sequence++;
    const nonce = this.#supervisor.step(t_s, gate);
    if (nonce !== 0) gate.grant(nonce);
    gate.observe(state);
    this.#driver.write(gate.step(t_s, request));
    this.ticks++;
  }

  /** Follows a trajectory from the next tick on; throws InputError if it cannot start. */
  startTrajectory(trajectory: JointTrajectory, tolerances?: TrajectoryTolerances): void {
    this.follower.start(trajectory, this.gate, tolerances);
  }

  cancelTrajectory(): void {
    this.follower.cancel();
  }
}
