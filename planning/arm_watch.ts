import {
  type Bus,
  type JointState,
  type SafetyState,
  type Subscription,
  TOPICS,
  type Wrench,
} from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import type { TaskEvent } from './requests.ts';

/** A joint that is faster than this moves (rad/s). */
const AT_REST_RAD_S = 0.01;

/** The newest that is heard of an arm: its joints, its wrench and its safety gate. */
export class ArmWatch {
  joints: JointState | null = null;
  private wrench: Wrench | null = null;
  private safety: SafetyState | null = null;
  private readonly robot: Robot;
  private subscriptions: Subscription[] = [];

  constructor(robot: Robot) {
    this.robot = robot;
  }

  start(bus: Bus, name: string): void {
    this.subscriptions = [
      bus.subscribe(TOPICS.joint_states, name, (message) => {
        this.joints = message;
      }),
      bus.subscribe(TOPICS.wrench, name, (message) => {
        this.wrench = message;
      }),
      bus.subscribe(TOPICS.safety_state, name, (message) => {
        this.safety = message;
      }),
    ];
  }

  stop(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.joints = null;
  }

  /** Why nothing can be planned from where the arm is now; empty when it rests and is heard. */
  unready(): string {
    if (this.joints === null) return 'no joint states arrive; is the control node active?';
    const moving = this.joints.velocity.subarray(0, this.robot.arm_joints).some((v) => Math.abs(v) > AT_REST_RAD_S);
    return moving ? 'the arm moves; wait until it rests' : '';
  }

  /** Why the safety gate lets nothing move; empty when it does. */
  stopped(): string {
    if (this.safety === null) return '';
    const { mode, reasons } = this.safety;
    if (mode !== 'protective_stop' && mode !== 'fault' && mode !== 'emergency_stop') return '';
    return [`stopped by the safety gate (${mode.replace('_', ' ')})`, ...reasons].join('; ');
  }

  /** Joints and fingers as last heard; null before the first joint state. */
  state(time_s: number): Extract<TaskEvent, { kind: 'state' }> | null {
    const { joints, robot, wrench } = this;
    if (joints === null) return null;
    const finger_width_m = robot.gripper === null ? 0 : 2 * joints.position[robot.gripper.coordinate];
    return { kind: 'state', time_s, q: joints.position.slice(0, robot.arm_joints), finger_width_m, wrench };
  }
}
