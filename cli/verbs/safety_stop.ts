import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { z } from 'zod';
import type { RosStopReply } from '../../launch/index.ts';
import { requestStops, type StopReply } from '../../runtime/index.ts';
import { emitJson, integerFrom, numberWithin, say } from '../common.ts';

const flagsOf = z.object({
  namespace: z.string().optional(),
  ros: z.boolean(),
  domainId: z.number().optional(),
  wait: z.number(),
  json: z.boolean().optional(),
});
type Flags = z.infer<typeof flagsOf>;

/** One arm that was asked to stop, and what came of it. */
interface Asked {
  readonly by: 'socket' | 'ros';
  readonly what: string;
  readonly stopped: boolean;
  readonly message: string;
  /** When it was asked, by the machine's monotonic clock; null over ROS. In what time it was answered. */
  readonly sent_s: number | null;
  readonly answered_s: number;
}

/** `surepick safety` with this one verb, which is there sooner. */
export function addSafetyStopAlone(program: Command): void {
  addSafetyStop(program.command('safety'));
}

export function addSafetyStop(safety: Command): void {
  safety
    .command('stop')
    .description(
      'Stops every arm that this user has launched here, and /safety/stop over ROS; exit code 1 if nobody answers. ' +
        'A protective stop by software: no emergency stop.',
    )
    .option('--namespace <name>', 'only the graph in this namespace')
    .option('--no-ros', 'only arms launched on this machine')
    .option('--domain-id <n>', 'ROS domain (default: ROS_DOMAIN_ID, or 0)', integerFrom(0, 232))
    .option('--wait <s>', 'how long /safety/stop is looked for over ROS', numberWithin(0.1, 60), 3)
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', '\nExample: surepick safety stop --namespace /cell_1')
    .action(async (raw: Record<string, unknown>) => stop(flagsOf.parse(raw)));
}

async function stop(flags: Flags): Promise<void> {
  const reason = `surepick safety stop of ${userInfo().username}`;
  const asked: Asked[] = [];
  const add = (more: readonly Asked[]) => {
    asked.push(...more);
    for (const one of more) say(lineOf(one));
  };
  add((await requestStops({ stop: reason, namespace: flags.namespace ?? null })).flatMap(localOf));
  const remote = flags.ros ? await overRos(flags) : 'not asked';
  if (typeof remote === 'string') say(`over ROS: ${remote}`);
  else add([rosOf(remote, flags)]);
  const stopped = asked.some((one) => one.stopped);
  if (!stopped) say('nobody has answered: nothing was stopped; use the button');
  if (flags.json) emitJson('safety', { action: 'stop', stopped, asked });
  if (!stopped) process.exitCode = 1;
}

/** The reason where ROS cannot be asked. What asks it is only loaded when the local arms have been stopped. */
async function overRos({ namespace = '', domainId, wait }: Flags): Promise<RosStopReply | string> {
  const { findRos, rosEnvironment } = await import('../../ros/index.ts');
  const ros = findRos();
  if ('missing' in ros) return ros.missing;
  const { stopOverRos } = await import('../../launch/index.ts');
  return stopOverRos({ namespace, domain_id: domainId ?? null, ros_env: rosEnvironment(ros), wait_s: wait });
}

/** Graphs of other namespaces are no answer. */
function localOf({ answer, sent_s, answered_s }: StopReply): Asked[] {
  if (answer === null || (!answer.stopped && answer.message === 'another namespace')) return [];
  const { robot, namespace, pid, stopped, message } = answer;
  const what = `${robot}${namespace === '' ? '' : ` in ${namespace}`} of process ${pid}`;
  return [{ by: 'socket', what, stopped, message, sent_s, answered_s }];
}

function rosOf({ stopped, message, answered_s }: RosStopReply, { namespace = '' }: Flags): Asked {
  const what = `${namespace.replace(/\/$/, '')}/safety/stop`;
  return { by: 'ros', what, stopped, message, sent_s: null, answered_s };
}

function lineOf({ by, what, stopped, message, answered_s }: Asked): string {
  const how = by === 'ros' ? 'over ROS' : 'on this machine';
  const time = `${(1000 * answered_s).toFixed(1)} ms`;
  return stopped ? `${what}: ${message}, answered ${how} in ${time}` : `${what}: not stopped ${how}: ${message}`;
}
