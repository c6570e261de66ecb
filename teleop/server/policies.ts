import { type Bus, type OfferedPolicy, type Subscription, TOPICS } from '../../contracts/index.ts';
import type { PoliciesMessage, World } from '../protocol/index.ts';

/** Learned policies that the robot's side offers, and which of them may be started in this world. */
export class Policies {
  private readonly bus: Bus;
  private readonly world: World['kind'];
  private readonly onChange: () => void;
  private offered: readonly OfferedPolicy[] = [];
  private subscription: Subscription | null = null;

  constructor(bus: Bus, world: World['kind'], onChange: () => void) {
    this.bus = bus;
    this.world = world;
    this.onChange = onChange;
  }

  start(): void {
    this.subscription = this.bus.subscribe(TOPICS.offered_policies, 'teleop', ({ policies }) => {
      this.offered = policies;
      this.onChange();
    });
  }

  stop(): void {
    this.subscription?.unsubscribe();
  }

  /** The policy of this hash; else why it cannot be started. */
  find(model_sha256: string): OfferedPolicy | string {
    const policy = this.offered.find((one) => one.model_sha256 === model_sha256);
    if (policy === undefined) return 'no such policy is offered';
    return this.refusalOf(policy) || policy;
  }

  message(): PoliciesMessage {
    const policies = this.offered.map((policy) => ({ ...policy, refusal: this.refusalOf(policy) }));
    return { type: 'policies', policies };
  }

  private refusalOf({ name, told }: OfferedPolicy): string {
    if (told === 'robot' || this.world === 'simulation') return '';
    return `${name} is told the true state of the world, which only a simulation knows`;
  }
}
