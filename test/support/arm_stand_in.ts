import { z } from 'zod';
import {
  ACTIONS,
  type Bus,
  type Clock,
  createRng,
  type ForwardCommand,
  hardwareTopics,
  type Log,
  type Rng,
  SILENT_LOG,
  secondsToStamp,
  stampToSeconds,
  TOPICS,
  type TrajectoryCommand,
} from '../../contracts/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { armFaults, StandInHardware } from './stand_in_hardware.ts';
import { StandInTrajectoryController } from './stand_in_trajectory.ts';

/** An arm under ros2_control that is not there, and what is wrong with it. Names as on the bus. */
export const armStandInOptions = z.strictObject({
  robot: z.string().default('panda'),
  /** Updates of controllers and drives, and rows of the motion log, each second. */
  hz: z.number().positive().default(1000),
  /** Of joint_state_broadcaster and of controller_state, Hz. */
  state_hz: z.number().positive().default(500),
  /** Which controller has the arm's command interfaces. */
  active: z.enum(['trajectory', 'forward', 'none']).default('trajectory'),
  trajectory_controller: z.string().default('/joint_trajectory_controller'),
  forward_controller: z.string().default('/forward_position_controller'),
  gripper_controller: z.string().default('/hand_controller'),
  joint_states: z.string().default('/joint_states'),
  open_loop: z.boolean().default(false),
  seed: z.int().nonnegative().default(1),
  faults: armFaults.prefault({}),
});
export type ArmStandInOptions = z.infer<typeof armStandInOptions>;
export type ArmStandInInput = z.input<typeof armStandInOptions>;

/** The topics and the action of a stand-in's hardware side. */
export function standInTopics(options: ArmStandInOptions) {
  return {
    joint_states: { ...TOPICS.joint_states, name: options.joint_states },
    trajectory: hardwareTopics(options.trajectory_controller).trajectory,
    state: hardwareTopics(options.trajectory_controller).state,
    commands: hardwareTopics(options.forward_controller).commands,
    gripper: { ...ACTIONS.gripper, name: `${options.gripper_controller}/gripper_cmd` },
  };
}

/**
 * A robot arm as ros2_control shows it to the rest of a graph: joint_trajectory_controller, forward_position_controller,
 * joint_state_broadcaster and a gripper controller over drives and sensors that may have faults. It knows nothing of who
 * commands it: it plays out the last trajectory, and holds the last forward command for ever.
 */
export class ArmStandIn {
  readonly robot: Robot;
  readonly hardware: StandInHardware;
  readonly trajectory: StandInTrajectoryController;
  cycles = 0;
  forward_taken = 0;
  private readonly options: ArmStandInOptions;
  private readonly topics: ReturnType<typeof standInTopics>;
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly log: Log;
  /** ROS time at which the stand-in began. */
  readonly origin_ns: bigint;
  private readonly rng: Rng;
  private readonly names: readonly string[];
  /** Names as joint_state_broadcaster gives them, which is not the order of the robot's description. */
  private readonly told: readonly string[];
  private readonly order: readonly number[];
  private readonly command: Float64Array;
  private readonly close_all: (() => void)[];
  private readonly on_way: { at_cycle: number; send: () => void }[] = [];
  private late_s = 0;
  private grasping: ((at_rest: boolean) => boolean) | null = null;

  constructor(options: ArmStandInOptions, bus: Bus, clock: Clock, log: Log = SILENT_LOG) {
    const robot = loadRobot(options.robot, { visualMeshes: false });
    const { joint_names } = robot.model;
    this.robot = robot;
    this.options = options;
    this.topics = standInTopics(options);
    this.bus = bus;
    this.clock = clock;
    this.origin_ns = clock.now_ns();
    this.log = log;
    this.rng = createRng(options.seed, 'arm_stand_in');
    this.names = joint_names.slice(0, robot.arm_joints);
    this.told = [...joint_names].sort();
    this.order = this.told.map((name) => joint_names.indexOf(name));
    this.hardware = new StandInHardware(robot, options.hz, options.faults, options.seed);
    this.command = this.hardware.position.slice(0, robot.arm_joints);
    this.trajectory = new StandInTrajectoryController(
      {
        joint_names: this.names,
        open_loop: options.open_loop,
        allow_nonzero_end_velocity: false,
        origin_ns: this.origin_ns,
      },
      this.command,
    );
    const { topics } = this;
    const subscriptions = [
      bus.subscribe(topics.trajectory, 'arm_stand_in', (message) => this.takeTrajectory(message)),
      bus.subscribe(topics.commands, 'arm_stand_in', (message) => this.takeForward(message)),
    ];
    this.close_all = [...subscriptions.map((s) => () => s.unsubscribe()), this.serveGripper()];
  }

  /** ROS time of the arm's computer since the stand-in began by our clock, s. */
  get now_s(): number {
    return stampToSeconds(this.clock.now_ns() - this.origin_ns) + this.options.faults.clock_offset_s - this.late_s;
  }

  /** Whether a controller has the arm on its way. */
  get moving(): boolean {
    return this.options.active === 'trajectory' && this.trajectory.active(this.now_s);
  }

  /** What the active controller commands now, rad. */
  get commanded(): Float64Array {
    return this.command;
  }

  /** One cycle of the controller manager: read, update, write. @param late_s  how long ago it should have come */
  step(late_s = 0): void {
    this.late_s = late_s;
    this.update();
    this.late_s = 0;
  }

  private update(): void {
    const { options, hardware, trajectory, command, robot } = this;
    this.cycles++;
    if (options.active === 'trajectory') {
      trajectory.update(this.now_s, hardware.position.subarray(0, robot.arm_joints), hardware.velocity);
      command.set(trajectory.position);
    }
    hardware.step(command);
    this.grasping?.(hardware.v[robot.gripper?.coordinate ?? 0] === 0);
    const every = Math.max(1, Math.round(options.hz / options.state_hz));
    if (this.cycles % every === 0) this.publish();
    while (this.on_way.length > 0 && this.on_way[0].at_cycle <= this.cycles) this.on_way.shift()?.send();
  }

  close(): void {
    for (const close of this.close_all) close();
  }

  private takeTrajectory(message: TrajectoryCommand): void {
    if (this.options.active !== 'trajectory' || this.rng.uniform() < this.options.faults.drop_commands) return;
    const { refused } = this.trajectory;
    this.trajectory.receive(message, this.now_s);
    if (this.trajectory.refused > refused) this.log.warn({ why: this.trajectory.refusal }, 'trajectory refused');
  }

  private takeForward({ data }: ForwardCommand): void {
    const { options, command } = this;
    if (options.active !== 'forward' || this.rng.uniform() < options.faults.drop_commands) return;
    // The forward controllers drop what has another length, and check nothing else.
    if (data.length !== command.length) return;
    command.set(data);
    this.forward_taken++;
  }

  private publish(): void {
    const { hardware, order, told, topics, bus, options, rng, names, trajectory } = this;
    const { faults } = options;
    if (rng.uniform() < faults.drop_states) return;
    const stamp_ns = this.origin_ns + secondsToStamp(this.now_s);
    const pick = (values: Float64Array) => Float64Array.from(order, (i) => values[i]);
    const states = {
      stamp_ns,
      names: told,
      position: pick(hardware.position),
      velocity: pick(hardware.velocity),
      effort: pick(hardware.effort),
    };
    const n = names.length;
    const reference = { position: trajectory.position.slice(), velocity: trajectory.velocity.slice() };
    const feedback = { position: hardware.position.slice(0, n), velocity: hardware.velocity.slice(0, n) };
    const error = {
      position: reference.position.map((p, i) => p - feedback.position[i]),
      velocity: reference.velocity.map((v, i) => v - feedback.velocity[i]),
    };
    const send = () => {
      bus.publish(topics.joint_states, states);
      if (options.active === 'trajectory')
        bus.publish(topics.state, { stamp_ns, joint_names: names, reference, feedback, error });
    };
    const wait_s = faults.state_latency_s + faults.state_jitter_s * rng.uniform();
    if (wait_s === 0) send();
    else {
      // Later ones do not overtake.
      const after = this.on_way.at(-1)?.at_cycle ?? 0;
      this.on_way.push({ at_cycle: Math.max(after, this.cycles + Math.round(wait_s * options.hz)), send });
    }
  }

  private serveGripper(): () => void {
    const { robot, topics } = this;
    const { gripper } = robot;
    if (gripper === null) return () => {};
    return this.bus.serveAction(topics.gripper, (goal, handle) => {
      const { hardware } = this;
      hardware.width_m = Math.min(Math.max(goal.width_m, 0), gripper.max_width_m);
      const width = () => 2 * hardware.q[gripper.coordinate];
      this.grasping?.(true);
      this.grasping = (at_rest) => {
        if (!at_rest) {
          if (this.cycles % 50 === 0) handle.feedback({ width_m: width() });
          return false;
        }
        this.grasping = null;
        const reached = Math.abs(width() - hardware.width_m) < 1e-3;
        const result = { width_m: width(), stalled: !reached, reached };
        if (reached) handle.succeed(result);
        else handle.abort(result);
        return true;
      };
      handle.onCancel(() => {
        hardware.width_m = width();
      });
    });
  }
}
