import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Child } from '../runtime/index.ts';

export interface RosStop {
  /** Of the graph, empty for none. */
  readonly namespace: string;
  /** Null for that of the environment. */
  readonly domain_id: number | null;
  /** Variables of a process that uses ROS 2. */
  readonly ros_env: Readonly<Record<string, string>>;
  /** How long /safety/stop is looked for, s. */
  readonly wait_s: number;
}

export type RosStopReply = Readonly<z.infer<typeof replySchema>>;
const replySchema = z.object({
  stopped: z.boolean(),
  message: z.string(),
  /** From when the service began to be looked for until its answer, s. */
  answered_s: z.number(),
});

/** Longest start of a process that uses ROS, beside the search, ms. */
const START_MS = 15_000;

/** Calls /safety/stop of a graph on any machine of the ROS domain. */
export async function stopOverRos({ ros_env, ...asked }: RosStop): Promise<RosStopReply> {
  const script = fileURLToPath(new URL('./stop_process.js', import.meta.url));
  const child = new Child(script, asked, {}, { ...ros_env, NODE_OPTIONS: '' });
  try {
    return await child.next((message) => replySchema.parse(message), START_MS + 1000 * asked.wait_s);
  } catch (error) {
    return { stopped: false, message: error instanceof Error ? error.message : String(error), answered_s: 0 };
  } finally {
    child.signal('SIGTERM');
  }
}
