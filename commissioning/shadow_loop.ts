import type { JointTrajectory } from '../contracts/index.ts';
import { ControlLoop, type Driver, type RobotState } from '../control/index.ts';
import type { Robot } from '../robots/index.ts';
import {
  assertSafe,
  type Envelope,
  type ReasonName,
  reasonNames,
  type SafeCommand,
  SafetyGate,
  Supervisor,
} from '../safety/index.ts';

/** What the gate decided over one trajectory. */
export interface ShadowRun {
  readonly outcome: string;
  readonly cycles: number;
  readonly passed: number;
  readonly limited: number;
  readonly stopped: number;
  /** Cycles by the reason for which they were limited or stopped. */
  readonly reasons: Readonly<Partial<Record<ReasonName, number>>>;
}

const HZ = 500;
/** A trajectory that has not ended so long after its end never will, s. */
const LONGEST_WAIT_S = 5;

/** Controller and gate in lock-step over an arm that follows exactly and is connected to nothing. */
export class ShadowLoop {
  private readonly loop: ControlLoop;
  private cycle = 0;

  /** @param position  of the live arm at rest, rad */
  constructor(robot: Robot, envelope: Envelope, position: Float64Array) {
    const driver = new ExactArm(robot, position);
    this.loop = new ControlLoop({
      ...{ robot, driver },
      gate: new SafetyGate(envelope, robot, HZ),
      supervisor: new Supervisor(),
    });
    // The first grant comes some cycles after the first question.
    for (let k = 0; k < HZ / 10; k++) this.tick();
  }

  /** Runs a trajectory to its end; `breathe` is awaited now and then. */
  async run(trajectory: JointTrajectory, breathe: () => Promise<void>): Promise<ShadowRun> {
    const { loop } = this;
    const { follower, gate } = loop;
    const before = { passed: gate.passed, limited: gate.limited, stopped: gate.stopped };
    const reasons: Partial<Record<ReasonName, number>> = {};
    follower.finished = false;
    follower.start(trajectory, gate);
    const most = HZ * (trajectory.time_s[trajectory.time_s.length - 1] + LONGEST_WAIT_S);
    let cycles = 0;
    while (!follower.finished && cycles < most) {
      this.tick();
      if (gate.reasons !== 0) for (const name of reasonNames(gate.reasons)) reasons[name] = (reasons[name] ?? 0) + 1;
      if (++cycles % HZ === 0) await breathe();
    }
    return {
      ...{ outcome: follower.finished ? follower.outcome : 'not ended', cycles, reasons },
      passed: gate.passed - before.passed,
      limited: gate.limited - before.limited,
      stopped: gate.stopped - before.stopped,
    };
  }

  private tick(): void {
    this.loop.tick(this.cycle++ / HZ);
  }
}

class ExactArm implements Driver {
  readonly joint_names: readonly string[];
  private readonly state: RobotState;
  private readonly joints: number;

  constructor(robot: Robot, position: Float64Array) {
    const { nq, joint_names } = robot.model;
    this.joint_names = joint_names;
    this.joints = robot.arm_joints;
    const zero = () => new Float64Array(nq);
    this.state = { position: robot.home_q.slice(), velocity: zero(), effort: zero(), wrench: new Float64Array(6) };
    this.state.position.set(position.subarray(0, this.joints));
  }

  read(): RobotState {
    return this.state;
  }

  write(command: SafeCommand): void {
    assertSafe(command);
    const { state, joints } = this;
    for (let i = 0; i < joints; i++) {
      state.position[i] = command.position[i];
      state.velocity[i] = command.velocity[i];
    }
  }
}
