import { createRng, InProcessBus, type JointTrajectory, SILENT_LOG, SimClock } from '../../contracts/index.ts';
import { ControlLoop } from '../../control/index.ts';
import { loadRobot } from '../../robots/index.ts';
import {
  ArmDriver,
  ChannelReader,
  ChannelWriter,
  COMMAND_HISTORY,
  closeChannel,
  openArmLink,
  Ros2ControlBridge,
  ros2ControlOptions,
  SimulatedArm,
} from '../../runtime/index.ts';
import { envelopeForRobot, SafetyGate, Supervisor } from '../../safety/index.ts';
import { ArmStandIn, type ArmStandInInput, armStandInOptions } from './arm_stand_in.ts';
import { plainBusDelay } from './delayed_bus.ts';

export const DRIVERS = ['sim', 'ros2_control', 'ros2_control forward'] as const;
export type DriverName = (typeof DRIVERS)[number];

const HZ = 500;
const STEP_NS = 1_000_000n;
const GRIPPER = '/hand_controller';

export interface DriverRigOptions {
  readonly arm?: ArmStandInInput;
  readonly delay_s?: number;
  readonly publish_hz?: number;
  /** Messages of the bus wait up to so long, at random, s. */
  readonly jitter_s?: number;
  readonly seed?: number;
}

/** Where an arm truly is, n joints: rad, rad/s. */
export interface ArmSample {
  readonly t_s: number;
  readonly q: Float64Array;
  readonly v: Float64Array;
  /** What the controller of the far end made of it, rad. */
  readonly commanded: Float64Array;
}

/**
 * A control loop with its gate and supervisor, and an arm behind one of the drivers, in lock-step on a time of their own: the
 * arm's side lives every millisecond, the loop every other, so long as they are alive.
 */
export class DriverRig {
  readonly robot = loadRobot('panda', { visualMeshes: false });
  readonly clock = new SimClock();
  readonly driver: ArmDriver;
  readonly gate: SafetyGate;
  readonly loop: ControlLoop;
  readonly bridge: Ros2ControlBridge | null = null;
  readonly stand_in: ArmStandIn | null = null;
  readonly history: ArmSample[] = [];
  /** Whether the control thread, the bridge and the arm's sensors live. */
  control_alive = true;
  bridge_alive = true;
  t_s = 0;
  private readonly link;
  private readonly servo: SimulatedArm | null = null;
  private readonly supervisor = new Supervisor();
  private readonly bridge_clock = new SimClock();
  private silent = false;
  private readonly settle: () => void;

  constructor(name: DriverName, options: DriverRigOptions = {}) {
    const { robot } = this;
    this.link = openArmLink(robot, name === 'sim' ? 0 : COMMAND_HISTORY);
    const start_ns = 1_764_000_000_000_000_000n;
    this.clock.advance(start_ns);
    this.bridge_clock.advance(start_ns);
    let settle = () => {};
    if (name === 'sim') {
      this.servo = new SimulatedArm(
        robot,
        HZ,
        new ChannelReader(this.link.command),
        new ChannelWriter(this.link.state),
      );
    } else {
      const inner = new InProcessBus();
      const { bus, step } = plainBusDelay(
        inner,
        this.clock,
        options.jitter_s ?? 0,
        createRng(options.seed ?? 1, 'bus'),
      );
      settle = step;
      const forward = name === 'ros2_control forward';
      const arm = armStandInOptions.parse({ active: forward ? 'forward' : 'trajectory', ...options.arm });
      this.stand_in = new ArmStandIn(arm, bus, this.clock);
      const bridge_options = ros2ControlOptions.parse({
        mode: forward ? 'forward' : 'trajectory',
        controller: forward ? arm.forward_controller : arm.trajectory_controller,
        gripper_controller: GRIPPER,
        delay_s: options.delay_s,
        publish_hz: options.publish_hz ?? (forward ? 250 : 100),
      });
      this.bridge = new Ros2ControlBridge(bridge_options, robot, HZ, this.link);
      // A process that was frozen wakes to the time that it is.
      const clock = {
        now_ns: () => this.clock.now_ns(),
        schedule: (at_ns: bigint, callback: () => void) => this.bridge_clock.schedule(at_ns, callback),
      };
      void this.bridge.configure({ bus, clock, log: SILENT_LOG });
      this.bridge.activate();
    }
    this.settle = settle;
    this.control_alive = false;
    for (let k = 0; k < 600; k++) this.step();
    this.driver = new ArmDriver(robot, new ChannelWriter(this.link.command), new ChannelReader(this.link.state), 7);
    this.gate = new SafetyGate(envelopeForRobot(robot), robot, HZ, 5);
    this.loop = new ControlLoop({ robot, driver: this.driver, gate: this.gate, supervisor: this.supervisor });
    this.control_alive = true;
    for (let k = 0; k < 400; k++) this.step();
  }

  /** Another control loop in place of one that died, as a process that starts again. */
  restarted(): { driver: ArmDriver; loop: ControlLoop; gate: SafetyGate } {
    const { robot } = this;
    const driver = new ArmDriver(robot, new ChannelWriter(this.link.command), new ChannelReader(this.link.state), 8);
    const gate = new SafetyGate(envelopeForRobot(robot), robot, HZ, 6);
    const loop = new ControlLoop({ robot, driver, gate, supervisor: new Supervisor() });
    Object.assign(this, { driver, gate, loop });
    return { driver, loop, gate };
  }

  /** The arm reports no more. */
  silence(): void {
    this.silent = true;
  }

  /** What the arm's side says of itself now, whether or not the loop lives. */
  heard_phase(): string {
    this.driver.read();
    return this.driver.phase;
  }

  /** A millisecond. */
  step(): void {
    const { clock, bridge_clock, robot } = this;
    clock.advance(clock.now_ns() + STEP_NS);
    this.t_s += 1e-3;
    const ms = Math.round(1e3 * this.t_s);
    if (this.stand_in !== null) {
      if (!this.silent) this.stand_in.step();
      this.settle();
      if (this.bridge_alive) bridge_clock.advance(clock.now_ns());
    } else if (this.servo !== null && ms % 2 === 0) {
      this.servo.receive();
      this.servo.step();
      if (!this.silent) this.servo.report();
    }
    if (this.control_alive && ms % 2 === 0) this.loop.tick(this.t_s);
    const n = robot.arm_joints;
    const hardware = this.stand_in?.hardware;
    const [q, v] = [hardware?.q ?? this.servo?.servo.q, hardware?.v ?? this.servo?.servo.v];
    if (q === undefined || v === undefined) return;
    const commanded = (this.stand_in?.commanded ?? q).slice(0, n);
    this.history.push({ t_s: this.t_s, q: q.slice(0, n), v: v.slice(0, n), commanded });
  }

  run(seconds: number): void {
    for (let k = 0; k < 1000 * seconds; k++) this.step();
  }

  /** Starts a swing of the first joint, and of the fourth half as far, by `way_rad` in `seconds`: minimum jerk. */
  swing(way_rad: number, seconds: number): JointTrajectory {
    const { robot, gate } = this;
    const n = robot.arm_joints;
    const joint_names = robot.model.joint_names.slice(0, n);
    const from = gate.lastCommand.position;
    const samples = Math.ceil(seconds * HZ) + 1;
    const time_s = Float64Array.from({ length: samples }, (_, k) => (k * seconds) / (samples - 1));
    const [position, velocity, acceleration] = [0, 1, 2].map(() => new Float64Array(n * samples));
    time_s.forEach((t, k) => {
      const u = t / seconds;
      for (let i = 0; i < n; i++) {
        const way = way_rad * (i === 0 ? 1 : i === 3 ? 0.5 : 0);
        position[n * k + i] = from[i] + way * u ** 3 * (10 - 15 * u + 6 * u * u);
        velocity[n * k + i] = (way * 30 * u * u * (1 - u) ** 2) / seconds;
        acceleration[n * k + i] = (way * 60 * u * (1 - u) * (1 - 2 * u)) / seconds ** 2;
      }
    });
    const trajectory = { joint_names, time_s, position, velocity, acceleration };
    this.loop.startTrajectory(trajectory);
    return trajectory;
  }

  close(): void {
    this.bridge?.deactivate();
    void this.bridge?.cleanup();
    this.stand_in?.close();
    closeChannel(this.link.command);
    closeChannel(this.link.state);
  }
}
