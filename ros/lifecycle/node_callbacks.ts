import { InputError, type Log, type Node } from '../../contracts/index.ts';
import type { LifecycleCallbacks } from './lifecycle_machine.ts';
import type { ManagedBus } from './managed_bus.ts';
import { messageOf, type NodeErrors } from './node_errors.ts';
import type { LifecycleState, TransitionOutcome } from './states.ts';

const FROM_ACTIVE: readonly LifecycleState[] = ['active', 'activating', 'deactivating'];

/**
 * The work of a node's transitions. An InputError is a failure: the node stays in the state it was in and may be asked again,
 * with other parameters. Any other exception is an error: the node is brought down, and to unconfigured if that goes well.
 */
export class NodeCallbacks implements LifecycleCallbacks {
  private readonly node: Node;
  private readonly bus: ManagedBus;
  private readonly log: Log;
  private readonly errors: NodeErrors;
  private why = '';
  /** The node may hold something that only its cleanup releases. */
  private holding = false;

  constructor(node: Node, bus: ManagedBus, log: Log, errors: NodeErrors) {
    this.node = node;
    this.bus = bus;
    this.log = log;
    this.errors = errors;
  }

  /** Why the last transition did not succeed; empty if it did. */
  get reason(): string {
    return this.why;
  }

  async configure(): Promise<TransitionOutcome> {
    const { node, bus, log } = this;
    this.holding = true;
    const outcome = await this.attempt('configure', () => node.configure({ bus, clock: bus.clock, log }));
    if (outcome === 'failure') await this.bringDown('unconfigured');
    return outcome;
  }

  async activate(): Promise<TransitionOutcome> {
    const outcome = await this.attempt('activate', () => this.node.activate());
    if (outcome === 'failure') await this.quietly('deactivate', () => this.node.deactivate());
    return outcome;
  }

  deactivate(): Promise<TransitionOutcome> {
    return this.attempt('deactivate', () => this.node.deactivate());
  }

  async cleanup(): Promise<TransitionOutcome> {
    const outcome = await this.attempt('cleanup', () => this.node.cleanup());
    if (outcome !== 'success') return outcome;
    this.holding = false;
    this.release();
    return outcome;
  }

  async shutdown(from: LifecycleState): Promise<TransitionOutcome> {
    return (await this.bringDown(from)) ? 'success' : 'failure';
  }

  async error(during: LifecycleState): Promise<TransitionOutcome> {
    return (await this.bringDown(during)) ? 'success' : 'failure';
  }

  private async attempt(name: string, work: () => void | Promise<void>): Promise<TransitionOutcome> {
    this.why = '';
    try {
      await work();
      return 'success';
    } catch (error) {
      this.why = messageOf(error);
      this.errors.report(error, `${name} of ${this.node.name}`);
      return error instanceof InputError ? 'failure' : 'error';
    }
  }

  /** Whether everything that was asked of the node went well; what it left open is ended anyhow. */
  private async bringDown(from: LifecycleState): Promise<boolean> {
    const { node } = this;
    const rested = !FROM_ACTIVE.includes(from) || (await this.quietly('deactivate', () => node.deactivate()));
    const clean = !this.holding || (await this.quietly('cleanup', () => node.cleanup()));
    this.holding = false;
    this.release();
    return rested && clean;
  }

  private async quietly(name: string, work: () => void | Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.errors.report(error, `${name} of ${this.node.name}`);
      return false;
    }
  }

  private release(): void {
    const left = this.bus.release();
    if (left > 0) this.log.warn({ left }, 'ended what the node had left open');
  }
}
