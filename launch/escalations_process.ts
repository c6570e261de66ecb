import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type Escalation, type EscalationEnd, InputError, type Subscription, TOPICS } from '../contracts/index.ts';
import { RosBus, shutdownRos } from '../ros/index.ts';

const config = z.object({
  namespace: z.string(),
  domain_id: z.int().nullable(),
  wait_s: z.number().positive(),
  /** What to answer; null only to hear what is asked. */
  answer: z.object({ id: z.string(), answer: z.string(), by: z.string() }).nullable(),
});
type Config = z.infer<typeof config>;

/** What was heard: every question that is kept, how questions ended, and the clock of whoever asks, ns. */
export interface HeardEscalations {
  readonly questions: readonly Escalation[];
  readonly ends: readonly EscalationEnd[];
  readonly now_ns: bigint;
  /** How the answer was taken; null where none was given or nobody said. */
  readonly end: EscalationEnd | null;
}

const STEP_MS = 20;
/** How long questions that are kept come in after the first (ms), and how long an answer is weighed (s). */
const GATHER_MS = 500;
const WEIGH_S = 5;

/** Hears what is asked in a ROS domain, answers if it is told to, and tells its parent what came of it. */
async function main(): Promise<void> {
  const asked = config.parse(JSON.parse(process.argv[2]));
  const { namespace, domain_id } = asked;
  const bus = await RosBus.create({
    node_name: `escalations_${process.pid}`,
    namespace,
    ...(domain_id === null ? {} : { domain_id }),
    local_link: false,
    onError: (error, where) => process.stderr.write(`${where}: ${String(error)}\n`),
  });
  const heard = await hear(bus, asked).catch((error: unknown) => {
    if (error instanceof InputError) return { failure: error.message };
    throw error;
  });
  await new Promise<void>((resolve) => {
    process.send?.(heard, undefined, undefined, () => resolve());
  });
  await bus.shutdown();
  shutdownRos();
  process.exit(0);
}

async function hear(bus: RosBus, { wait_s, answer }: Config): Promise<HeardEscalations> {
  const questions = new Map<string, Escalation>();
  const ends: EscalationEnd[] = [];
  let clock_ns: bigint | null = null;
  const subscriptions: Subscription[] = [
    bus.subscribe(TOPICS.escalations, 'escalations', (question) => void questions.set(question.id, question)),
    bus.subscribe(TOPICS.escalation_ends, 'escalations', (end) => void ends.push(end)),
    bus.subscribe(TOPICS.clock, 'escalations', ({ stamp_ns }) => {
      clock_ns = stamp_ns;
    }),
  ];
  const now_ns = () => clock_ns ?? BigInt(Date.now()) * 1_000_000n;
  const until = async (holds: () => boolean, seconds: number) => {
    for (let waited = 0; waited < 1000 * seconds && !holds(); waited += STEP_MS) await pause(STEP_MS);
  };
  await until(() => (answer === null ? questions.size > 0 : questions.has(answer.id)), wait_s);
  await pause(GATHER_MS);
  let end: EscalationEnd | null = null;
  if (answer !== null) {
    const question = questions.get(answer.id);
    if (question === undefined)
      throw new InputError(`question ${answer.id}`, `one of: ${[...questions.keys()].join(', ') || 'none is asked'}`);
    const { frame_sha256, model } = question;
    const before = ends.length;
    const mine = () => ends.slice(before).find(({ id, by }) => id === answer.id && by === answer.by) ?? null;
    bus.publish(TOPICS.escalation_answers, { ...answer, stamp_ns: now_ns(), frame_sha256, model });
    await until(() => mine() !== null, WEIGH_S);
    end = mine();
  }
  for (const subscription of subscriptions) subscription.unsubscribe();
  return { questions: [...questions.values()], ends, now_ns: now_ns(), end };
}

await main();
