import { join, resolve } from 'node:path';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { z } from 'zod';
import { InputError, PACKAGE_ROOT } from '../../contracts/index.ts';
import {
  DRILL_BUSES,
  DRILLS,
  type DrillResult,
  type DrillRunOptions,
  drilledCell,
  drillsNamed,
  runDrills,
  writeDrills,
} from '../../drills/index.ts';
import { formatLogLine, loadGraph } from '../../launch/index.ts';
import { findRos, rosEnvironment } from '../../ros/index.ts';
import { emitJson, integerFrom, say } from '../common.ts';
import { untilStopped } from '../interrupt.ts';

const flagsSchema = z.object({
  graph: z.string(),
  bus: z.enum(DRILL_BUSES),
  domainId: z.number().optional(),
  out: z.string().optional(),
  seed: z.number(),
  list: z.boolean().default(false),
  verbose: z.boolean().default(false),
  json: z.boolean().default(false),
});

export function addDrill(program: Command): void {
  program
    .command('drill')
    .description('Breaks one thing at a time in a simulated graph and measures what the stack makes of it.')
    .argument('[name]', 'a drill, or all', 'all')
    .option('--graph <file>', 'graph file, of one simulated cell', join(PACKAGE_ROOT, 'graphs', 'pick_place.yaml'))
    .option('--bus <bus>', 'embedded (one process, lock-step) or ros (processes of a ROS 2 graph)', 'embedded')
    .option('--domain-id <n>', 'ROS domain (default: ROS_DOMAIN_ID, or 0)', integerFrom(0, 232))
    .option('--out <dir>', 'folder of the page (default: runs/drill-TIME)')
    .option('--seed <n>', 'of the moments at which things break', integerFrom(0), 0)
    .option('--list', 'only list the drills')
    .option('--verbose', 'show what the nodes log')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', '\nExample: surepick drill external_silent --graph graphs/pick_place.yaml')
    .action(async (name: string, raw: unknown) => drill(name, flagsSchema.parse(raw)));
}

async function drill(name: string, flags: z.infer<typeof flagsSchema>): Promise<void> {
  const { graph, bus, seed, json } = flags;
  if (flags.list) {
    say(listTable());
    if (json) emitJson('drill', { drills: DRILLS.map(({ name, title }) => ({ name, title })) });
    return;
  }
  const drills = drillsNamed(name, bus);
  const cell = drilledCell(loadGraph(graph));
  const out_dir = resolve(flags.out ?? join('runs', `drill-${new Date().toISOString().replace(/[:.]/g, '-')}`));
  const start_ms = Date.now();
  const options = {
    ...{ seed, out_dir, ...rosOf(flags) },
    onLine: (line: Parameters<typeof formatLogLine>[0]) =>
      flags.verbose ? say(formatLogLine(line, start_ms, false)) : undefined,
    onDone: (result: DrillResult) => say(lineOf(result)),
  };
  const results = await untilStopped((stop) => runDrills(drills, cell, options, stop));
  const failed = results.filter(({ ok }) => !ok);
  for (const { name, checks, failure } of failed) {
    if (failure !== '') say(`${name}: ${failure}`);
    for (const { what, ok, detail } of checks) if (!ok) say(`${name}: ${what}: ${detail}`);
  }
  const page = writeDrills(out_dir, { graph, bus, seed, results });
  say(`${results.length - failed.length} of ${results.length} as declared; ${page}`);
  const drills_done = results.map(({ timeline: _timeline, undisturbed: _undisturbed, ...rest }) => rest);
  if (json) emitJson('drill', { graph, bus, seed, out_dir, page, passed: failed.length === 0, drills: drills_done });
  if (results.length < drills.length) process.exitCode = 130;
  else if (failed.length > 0) process.exitCode = 1;
}

function rosOf({ bus, domainId }: z.infer<typeof flagsSchema>): Partial<Pick<DrillRunOptions, 'ros'>> {
  if (bus === 'embedded') return {};
  const ros = findRos();
  if ('missing' in ros) throw new InputError('--bus ros', ros.missing);
  return { ros: { env: rosEnvironment(ros), domain_id: domainId ?? null } };
}

function listTable(): string {
  const table = new Table({ head: ['drill', 'what goes wrong', 'bus'], style: { head: [], border: [] } });
  for (const drill of DRILLS)
    table.push([drill.name, drill.title, DRILL_BUSES.filter((bus) => drill[bus] !== undefined).join(', ')]);
  return table.toString();
}

/** "bodies_lost: ok; detected 0.124, stop 0.124, slower 0.126 of 0.300 s; goal reached 9.1 s after it". */
function lineOf({ name, ok, reaction, measures, failure }: DrillResult): string {
  if (measures === null) return `${name}: not made: ${failure}`;
  const at = (time_s: number | null) => (time_s === null ? 'never' : time_s.toFixed(3));
  const { detected_s, degraded_s, effect_s, goal_reached_s } = measures;
  return (
    `${name}: ${ok ? 'ok' : 'FAILED'}; detected ${at(detected_s)}, ${reaction.degradation} ${at(degraded_s)}, ` +
    `first effect ${at(effect_s)} of ${reaction.within_s.toFixed(3)} s; goal reached ${at(goal_reached_s)} s after it`
  );
}
