import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { escalation, escalationEnd, InputError } from '../contracts/index.ts';
import { Child } from '../runtime/index.ts';
import type { HeardEscalations } from './escalations_process.ts';

export interface RosEscalations {
  /** Of the graph, empty for none. */
  readonly namespace: string;
  /** Null for that of the environment. */
  readonly domain_id: number | null;
  /** Variables of a process that uses ROS 2. */
  readonly ros_env: Readonly<Record<string, string>>;
  /** How long questions are waited for, s. */
  readonly wait_s: number;
  /** What to answer to which question, and who; null only to hear what is asked. */
  readonly answer: { readonly id: string; readonly answer: string; readonly by: string } | null;
}

const heard = z.union([
  z.object({ failure: z.string() }),
  z.object({
    questions: z.array(escalation),
    ends: z.array(escalationEnd),
    now_ns: z.bigint(),
    end: escalationEnd.nullable(),
  }),
]);

/** Longest start of a process that uses ROS, and its end, beside what it waits for, ms. */
const START_MS = 30_000;

/** What people are asked in a ROS domain, and what came of an answer. Throws InputError where the question is not asked. */
export async function escalationsOverRos({ ros_env, ...asked }: RosEscalations): Promise<HeardEscalations> {
  const script = fileURLToPath(new URL('./escalations_process.js', import.meta.url));
  const child = new Child(script, asked, {}, { ...ros_env, NODE_OPTIONS: '' });
  try {
    const told = await child.next((message) => heard.parse(message), START_MS + 1000 * asked.wait_s);
    if ('failure' in told) throw InputError.restore(told.failure);
    return told;
  } finally {
    child.signal('SIGTERM');
  }
}
