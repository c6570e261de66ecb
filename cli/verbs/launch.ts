import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import {
  formatLogLine,
  fullName,
  type Graph,
  type LaunchEvents,
  type LaunchSummary,
  type LogLine,
  loadGraph,
  parseOverride,
  runEmbedded,
  runRos,
  withApprovals,
} from '../../launch/index.ts';
import { findRos, rosEnvironment } from '../../ros/index.ts';
import { LOG_LEVELS } from '../../stack/index.ts';
import { emitJson, integerFrom, say } from '../common.ts';
import { untilStopped } from '../interrupt.ts';

/** zod's numbers are finite. */
const unbounded = z.number().or(z.literal(Number.POSITIVE_INFINITY));

const flagsSchema = z.object({
  bus: z.enum(['embedded', 'ros']),
  namespace: z.string(),
  domainId: z.number().optional(),
  set: z.array(z.string()),
  goal: z.string().optional(),
  duration: unbounded,
  pace: unbounded,
  out: z.string().optional(),
  approvers: z.string().optional(),
  approvals: z.string().optional(),
  check: z.boolean().default(false),
  json: z.boolean().default(false),
  logLevel: z.enum(LOG_LEVELS),
});

const collect = (value: string, earlier: string[]) => [...earlier, value];

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0)) throw new InvalidArgumentError('Allowed: a number over 0.');
  return value;
}

function paceOf(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  if (text === 'realtime') return 1;
  return seconds(text);
}

export function addLaunch(program: Command): void {
  program
    .command('launch')
    .description('Starts a graph of nodes, supervises it, and brings it down cleanly on Ctrl-C.')
    .argument('<file>', 'graph file, e.g. graphs/pick_place.yaml')
    .option('--bus <bus>', 'embedded (one process, lock-step) or ros (processes of a ROS 2 graph)', 'embedded')
    .option('--namespace <name>', 'put before every name of the graph, e.g. /cell_1', '')
    .option('--domain-id <n>', 'ROS domain (default: ROS_DOMAIN_ID, or 0)', integerFrom(0, 232))
    .option('--set <node.parameter=value>', 'a parameter in place of the file’s; may be given again', collect, [])
    .option('--goal <goal>', 'send this task (JSON, or world: the order of the simulated world), end when it is done')
    .option('--duration <s>', 'end after this time', seconds, Number.POSITIVE_INFINITY)
    .option('--pace <pace>', 'embedded: realtime, max, or simulated seconds per second', paceOf, 1)
    .option('--out <dir>', 'folder for recordings (default: runs/launch-TIME)')
    .option('--approvers <file>', 'list of those who may approve; a real arm needs one (docs/safety.md)')
    .option(
      '--approvals <dir>',
      'folder of requests, signatures and the ledger of what is in force; a real arm needs one',
    )
    .option('--check', 'only check the file and say what would run')
    .option('--json', 'print one JSON object as the last line of stdout')
    .option('--log-level <level>', LOG_LEVELS.join(', '), 'info')
    .addHelpText('after', '\nExample: surepick launch graphs/pick_place.yaml --goal world --pace max')
    .action(async (file: string, raw: unknown) => launch(file, flagsOf(raw)));
}

type Flags = z.infer<typeof flagsSchema>;

function flagsOf(raw: unknown): Flags {
  const parsed = flagsSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`--${String(issue.path[0]).replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`, issue.message);
}

async function launch(file: string, flags: Flags): Promise<void> {
  const overrides = flags.set.map((text) => parseOverride(text));
  const graph = withApprovals(loadGraph(file, { namespace: flags.namespace, overrides, goal: flags.goal ?? null }), {
    approvers: flags.approvers,
    approvals: flags.approvals,
  });
  if (flags.check) {
    const nodes = graph.cells.flatMap((cell) => cell.nodes.map((node) => ({ ...node, name: fullName(cell, node) })));
    for (const { name, kind, process } of nodes) say(`${name}: ${kind}, process ${process}`);
    if (flags.json) emitJson('launch', { file, bus: flags.bus, checked: true, nodes });
    return;
  }
  const results: object[] = [];
  const out_dir = resolve(flags.out ?? join('runs', `launch-${new Date().toISOString().replace(/[:.]/g, '-')}`));
  const summary = await untilStopped((stop, hurry) =>
    start(graph, flags, out_dir, eventsOf(results, flags), stop, hurry),
  );
  const goals = results.filter((result) => 'ok' in result);
  const reached = goals.filter((result) => 'ok' in result && result.ok === true).length;
  if (flags.json) {
    emitJson('launch', { file, bus: flags.bus, out_dir, ...summary, goals, goals_reached: reached });
  }
  if (summary.failure !== '') say(`error: ${summary.failure}`);
  if (summary.interrupted) process.exitCode = 130;
  else if (summary.failure !== '' || summary.errors > 0 || reached < goals.length) process.exitCode = 1;
}

function start(
  graph: Graph,
  flags: Flags,
  out_dir: string,
  events: LaunchEvents,
  stop: AbortSignal,
  hurry: AbortSignal,
): Promise<LaunchSummary> {
  const { logLevel: log_level, pace, duration: duration_s } = flags;
  if (flags.bus === 'embedded') return runEmbedded(graph, { log_level, out_dir, pace, duration_s }, events, stop);
  const ros = findRos();
  if ('missing' in ros) throw new InputError('--bus ros', ros.missing);
  const domain_id = flags.domainId ?? null;
  return runRos(
    graph,
    { log_level, out_dir, domain_id, duration_s, ros_env: rosEnvironment(ros) },
    events,
    stop,
    hurry,
  );
}

/** Lines for people; with --json those of the nodes stay the JSON objects that they are. */
function eventsOf(results: object[], { json: raw, bus }: Flags): LaunchEvents {
  const told_by_nodes = bus === 'ros';
  const start_ms = Date.now();
  const colour = process.stderr.isTTY && process.env.NO_COLOR === undefined;
  const show = (line: LogLine) => say(raw ? JSON.stringify(line) : formatLogLine(line, start_ms, colour));
  const tell = (node: string, message: string, level: LogLine['level'] = 'info') =>
    show({ time_ms: Date.now(), level, node, message, fields: {} });
  return {
    // Processes tell their transitions in their own logs.
    onState: (node, state) => (told_by_nodes ? undefined : tell(node, state)),
    onLine: show,
    onReady: () => tell('launch', 'up; Ctrl-C stops the arm and ends'),
    onReport: (node, fields) => void results.push({ node, ...fields }),
    onError: (where, error) => tell(where, error instanceof Error ? error.message : String(error), 'error'),
  };
}
