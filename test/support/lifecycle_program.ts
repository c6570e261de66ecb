import { z } from 'zod';
import {
  InputError,
  type Node,
  type NodeContext,
  SILENT_LOG,
  type Subscription,
  secondsToStamp,
  TOPICS,
  updated,
} from '../../contracts/index.ts';
import { namesOf, overridesOf, parseRosArguments, startRosNode } from '../../ros/index.ts';

const schema = z.strictObject({
  fail_in: z
    .enum(['nowhere', 'configure', 'activate', 'deactivate', 'cleanup', 'handler', 'timer', 'promise', 'callback'])
    .default('nowhere')
    .meta({ update: 'live' })
    .describe('Where the node throws'),
  fail_as: updated('live', z.enum(['input', 'error']).default('error')),
  configure_s: z.number().min(0).max(10).default(0).describe('How long configuring takes (s)'),
  speed: updated('live', z.number().min(0).max(1).default(0.5).describe('Share of full speed')),
  count: updated('live', z.int().min(1).max(9).default(3)),
  robot: updated('start', z.string().default('panda').describe('Name of the robot')),
  gains: updated('live', z.array(z.number().positive()).length(3).default([1, 2, 3])),
  names: updated('live', z.array(z.string()).default([])),
  limits: z
    .object({
      low: updated('live', z.number().default(0)),
      deep: z.object({ on: z.boolean().default(true) }).prefault({}),
    })
    .prefault({}),
});
type Options = z.output<typeof schema>;

/** Publishes joint states at 50 Hz while it is active, and fails where it is asked to. */
class TroubledNode implements Node {
  readonly name = 'troubled';
  private readonly options: () => Options;
  private context: NodeContext | null = null;
  private subscription: Subscription | null = null;
  private cancel = (): void => {};

  constructor(options: () => Options) {
    this.options = options;
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    await new Promise((resolve) => setTimeout(resolve, this.options().configure_s * 1000));
    this.fail('configure');
  }

  activate(): void {
    const { bus } = this.required();
    this.subscription = bus.subscribe(TOPICS.wrench, this.name, () => this.fail('handler'));
    this.fail('activate');
    this.publish();
  }

  deactivate(): void {
    this.cancel();
    this.subscription?.unsubscribe();
    this.fail('deactivate');
  }

  async cleanup(): Promise<void> {
    this.fail('cleanup');
    this.context = null;
  }

  diagnostics() {
    return { speed_share: this.options().speed };
  }

  private publish(): void {
    const { bus, clock } = this.required();
    const stamp_ns = clock.now_ns();
    this.cancel = clock.schedule(stamp_ns + secondsToStamp(0.02), () => this.publish());
    const zero = new Float64Array(1);
    bus.publish(TOPICS.joint_states, { stamp_ns, names: ['j'], position: zero, velocity: zero, effort: zero });
    void this.wait();
    setTimeout(() => this.fail('callback'), 1);
    this.fail('timer');
  }

  /** Fails where nobody waits for it. */
  private async wait(): Promise<void> {
    this.fail('promise');
  }

  private fail(place: Options['fail_in']): void {
    const { fail_in, fail_as } = this.options();
    if (fail_in !== place) return;
    throw fail_as === 'input' ? new InputError(place, 'was asked to fail') : new Error(`${place} was asked to fail`);
  }

  private required(): NodeContext {
    if (this.context === null) throw new Error('not configured');
    return this.context;
  }
}

const mayChange = ({ speed, count }: Readonly<Record<string, unknown>>): void => {
  if (Number(speed) > 0.9 && Number(count) > 5)
    throw new InputError(`speed = ${speed}`, 'at most 0.9 with count over 5');
};

/** One node for each name that is given. */
const { ros, rest } = parseRosArguments(process.argv.slice(2));
const nodes = await Promise.all(
  (rest.length === 0 ? ['troubled'] : rest).map((name) => {
    const names = namesOf(ros, name, '');
    return startRosNode({
      ...names,
      ...{ log: SILENT_LOG, schema, overrides: overridesOf(ros, names), mayChange },
      build: (store) => new TroubledNode(() => store.values),
    });
  }),
);
process.stdout.write(`up ${nodes.map(({ host }) => host.full_name).join(' ')}\n`);
process.once('SIGTERM', async () => {
  await Promise.all(nodes.map((node) => node.shutDown()));
  process.stdout.write(`ended ${nodes.map(({ host }) => host.state).join(' ')}\n`);
});
