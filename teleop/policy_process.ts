import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../contracts/index.ts';
import { POLICY_EXAMPLES_FOLDER } from '../datasets/index.ts';
import { BusPlace, createLog, openOnRobot, PolicyNode } from '../stack/index.ts';
import { type PolicySetup, type PolicyWord, policySetup } from './policy_words.ts';
import { INPUT_SOURCE } from './server/guard_input.ts';
import { connectRobot } from './server/robot_bus.ts';
import { Seldom } from './server/seldom.ts';

/** What goes wrong with every message of a topic is told this often, ms. */
const REPEATED_MS = 10_000;
/** What was published last is given this long to leave, ms. */
const LEAVE_MS = 100;

const now_ms = () => performance.now();
const tell = (word: PolicyWord) => {
  if (process.connected) process.send?.(word, undefined, undefined, () => {});
};

/** Offers learned policies on a robot's ROS graph, and moves its arm by the one that was started, until its parent ends it. */
async function offer({ namespace, domain_id, files, out_dir, log_level }: PolicySetup): Promise<void> {
  const log = createLog(log_level, { node: 'policies' }, (line) => process.stderr.write(line));
  const seldom = new Seldom(REPEATED_MS);
  const address = { kind: 'ros', namespace, domain_id, node: 'policies' } as const;
  const { bus, clock, robot, world, close } = await connectRobot(address, (error, where) => {
    if (!seldom.due(where, now_ms())) return;
    log.error({ where, reason: error instanceof Error ? error.message : String(error) }, 'bus');
  });
  const policies = await openOnRobot(files, robot, world.kind === 'real');
  const place = new BusPlace({ bus, clock, robot, policies, now_ms, watched_by: INPUT_SOURCE }, (cycles) => {
    void node.cycled(cycles);
  });
  mkdirSync(out_dir, { recursive: true });
  const examples = {
    folder: join(out_dir, `${POLICY_EXAMPLES_FOLDER}${namespace.replaceAll('/', '_')}`),
    prefix: `${Date.now()}`,
  };
  const node = new PolicyNode({ place, policies, examples });
  await node.configure({ bus, clock, log });
  place.start();
  node.activate();
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    // Its last word is that the arm is to rest.
    node.deactivate();
    void node
      .cleanup()
      .then(() => new Promise((resolve) => setTimeout(resolve, LEAVE_MS)))
      .then(() => place.close())
      .then(() => close())
      .finally(() => process.exit(0));
  };
  process.on('SIGTERM', end);
  process.on('disconnect', end);
  tell({ kind: 'ready' });
}

// The interrupt key is the parent's matter.
process.on('SIGINT', () => {});
process.once('message', (message) => {
  offer(policySetup.parse(message)).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    tell({ kind: 'refused', reason: error.message });
    process.exitCode = 2;
    setTimeout(() => process.exit(2), LEAVE_MS);
  });
});
