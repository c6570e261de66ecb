import type { Command } from 'commander';
import { z } from 'zod';
import { loadRobot } from '../../robots/index.ts';
import { chosenSources, fitOf, identify, readMotion, replaySources } from '../../stack/index.ts';
import { emitJson, integerFrom, numberWithin, say } from '../common.ts';
import { untilInterrupted } from '../interrupt.ts';
import { writeJsonFile } from '../json_files.ts';

const flags = z.object({
  episodes: z.string().optional(),
  seconds: z.number(),
  iterations: z.number(),
  seed: z.number(),
  out: z.string().optional(),
  json: z.boolean().optional(),
});

export function addIdentify(program: Command): void {
  program
    .command('identify')
    .description('Fits the simulated arm to recorded motions: friction, gains, latency, armature, encoder offsets.')
    .argument('<path...>', 'recordings (.mcap), folders of runs or datasets')
    .option('--episodes <list>', 'of each folder: positions and ranges as 0-9, or ids (default: all)')
    .option('--seconds <s>', 'most of each episode that is compared', numberWithin(0.5, 1000), 4)
    .option('--iterations <n>', 'of the search, at most', integerFrom(1, 100), 10)
    .option('--seed <n>', 'fixes how episodes are resampled', integerFrom(0), 0)
    .option('--out <file>', 'write the fit with its covariance as JSON')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', '\nExample: surepick identify runs/arm-7 --episodes 0-19 --out fit.json --json')
    .action(async (paths: string[], raw: Record<string, unknown>) => {
      const given = flags.parse(raw);
      await untilInterrupted((signal) => identifyArm(paths, given, signal));
    });
}

async function identifyArm(paths: readonly string[], given: z.infer<typeof flags>, signal: AbortSignal): Promise<void> {
  const { episodes, seconds, iterations, seed, out, json } = given;
  const robot = loadRobot('panda');
  const sources = paths.flatMap((path) => chosenSources(replaySources(path), episodes ?? null));
  const traces = await Promise.all(sources.map(({ id, file }) => readMotion(id, file, robot)));
  const found = await identify(robot, traces, {
    ...{ seconds, iterations, seed },
    onIteration: (iteration) => say(`iteration ${iteration} of at most ${iterations}`),
    stopped: () => signal.aborted,
  });
  if (signal.aborted) {
    process.exitCode = 130;
    return;
  }
  for (const { name, unit, before, after, ci, identifiable, reason } of found.parameters) {
    const told = `${name}: ${after.toPrecision(4)} (${ci[0].toPrecision(4)} to ${ci[1].toPrecision(4)}) ${unit}`;
    say(identifiable ? `${told}, before ${before}` : `${name}: not identifiable, ${reason}`);
  }
  if (out !== undefined)
    writeJsonFile(
      out,
      fitOf(
        robot,
        sources.map(({ id }) => id),
        found,
      ),
    );
  const { covariance: _, ...told } = found;
  if (json) emitJson('identify', { robot: robot.name, seed, ...told });
}
