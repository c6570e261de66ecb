import { type Bus, type ControllerState, hardwareTopics, type Subscription } from '../../contracts/index.ts';

/** A controller that once told of itself and then is silent for this long is active no more, s. */
const SILENCE_S = 0.5;

/** Who listens is looked up this often, s. */
const LOOK_S = 0.1;

/**
 * What is known of a hardware controller: whether somebody listens to what we tell it, and, of a trajectory controller that
 * tells of itself, whether it is active (it says nothing while it is not), has our joints, and where its reference stands.
 */
export class HardwareController {
  private readonly bus: Bus;
  private readonly topic: { readonly name: string };
  private readonly names: readonly string[];
  private readonly subscription: Subscription | null;
  private readonly held: Float64Array;
  private heard_s = Number.NEGATIVE_INFINITY;
  private arrived = 0;
  private judged = 0;
  private mismatch = '';
  private looked_s = Number.NEGATIVE_INFINITY;
  private listeners = 0;

  constructor(bus: Bus, controller: string, mode: 'trajectory' | 'forward', names: readonly string[]) {
    const topics = hardwareTopics(controller);
    this.bus = bus;
    this.topic = mode === 'trajectory' ? topics.trajectory : topics.commands;
    this.names = names;
    this.held = new Float64Array(names.length);
    this.subscription =
      mode === 'trajectory'
        ? bus.subscribe(topics.state, 'ros2_control_bridge', (message) => this.hear(message))
        : null;
  }

  /** Why it does not carry out what it is told at `now_s`; empty when nothing speaks against it. */
  problem(now_s: number): string {
    if (this.arrived !== this.judged) {
      this.judged = this.arrived;
      this.heard_s = now_s;
    }
    if (this.mismatch !== '') return this.mismatch;
    if (!this.listened(now_s)) return `no controller listens on ${this.topic.name}`;
    if (this.arrived > 0 && now_s - this.heard_s > SILENCE_S)
      return `the controller of ${this.topic.name} is not active`;
    return '';
  }

  /** Where its reference stands, rad, in our joints' order; null if it has not told within the last moment. */
  reference(now_s: number): Float64Array | null {
    return this.arrived > 0 && now_s - this.heard_s < SILENCE_S ? this.held : null;
  }

  private listened(now_s: number): boolean {
    if (Math.abs(now_s - this.looked_s) > LOOK_S) {
      this.looked_s = now_s;
      this.listeners = this.bus.subscribers(this.topic);
    }
    return this.listeners > 0;
  }

  close(): void {
    this.subscription?.unsubscribe();
  }

  private hear({ joint_names, reference }: ControllerState): void {
    this.arrived++;
    const missing = this.names.filter((name) => !joint_names.includes(name));
    const others = joint_names.filter((name) => !this.names.includes(name));
    this.mismatch =
      missing.length + others.length === 0
        ? ''
        : `the controller has joints ${joint_names.join(', ')}; the arm's are ${this.names.join(', ')}`;
    if (this.mismatch !== '' || reference.position.length !== joint_names.length) return;
    this.names.forEach((name, i) => {
      this.held[i] = reference.position[joint_names.indexOf(name)];
    });
  }
}
