import type { Node, NodeContext } from '../contracts/index.ts';
import { ServoNode } from '../control/index.ts';
import type { RemoteServo } from './remote_servo.ts';
import { SteadyTimer } from './steady_timer.ts';

const LOOK_S = 0.02;

/** A control thread, as far as it is told what to do now. */
interface Commanded {
  readonly servo: RemoteServo;
}

/**
 * The control thread's servo on the bus: commands of /servo/* go to the thread as they come, /servo/status is published when
 * it changes. Configured after the node that starts the thread, and cleaned up before it.
 */
export class ServoProxyNode implements Node {
  readonly name = 'servo';
  private readonly thread: () => Commanded | null;
  private parts: { readonly node: ServoNode; readonly servo: RemoteServo; readonly context: NodeContext } | null = null;
  private timer: SteadyTimer | null = null;
  private refusal = '';

  /** @param thread  null until it runs */
  constructor(thread: () => Commanded | null) {
    this.thread = thread;
  }

  async configure(context: NodeContext): Promise<void> {
    const servo = this.thread()?.servo;
    if (servo === undefined) throw new Error('there is no control thread to command');
    const node = new ServoNode(servo);
    await node.configure(context);
    this.parts = { node, servo, context };
    this.refusal = '';
  }

  activate(): void {
    const { node } = this.require();
    node.activate();
    node.publishStatus();
    this.timer = new SteadyTimer(LOOK_S, () => this.look());
  }

  deactivate(): void {
    this.timer?.stop();
    this.timer = null;
    this.require().node.deactivate();
  }

  async cleanup(): Promise<void> {
    await this.require().node.cleanup();
    this.parts = null;
  }

  private look(): void {
    const { node, servo, context } = this.require();
    servo.read();
    const { refusal } = servo.account;
    // Commands come many times a second, and are mostly refused for the same reason.
    if (refusal !== this.refusal) context.log.warn({ reason: refusal }, 'command refused');
    this.refusal = refusal;
    node.afterTick();
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    if (this.parts === null) return {};
    const { node, servo } = this.parts;
    const { state, reason, refused } = servo.account;
    return { servo: `${state}: ${reason}`, servo_refused: node.refused + refused, ...node.diagnostics() };
  }

  private require() {
    if (this.parts === null) throw new Error('the servo node is not configured');
    return this.parts;
  }
}
