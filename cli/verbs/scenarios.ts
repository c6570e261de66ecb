import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { readScenarios, runScenarios, type ScenarioRun, writeScenarios } from '../../drills/index.ts';
import { emitJson, say } from '../common.ts';
import { untilStopped } from '../interrupt.ts';

const flagsSchema = z.object({
  file: z.string().optional(),
  out: z.string().optional(),
  list: z.boolean().default(false),
  json: z.boolean().default(false),
});

export function addScenarios(program: Command): void {
  program
    .command('scenarios')
    .description('Plays what can happen in a cell, with the whole stack, and compares it with what is expected.')
    .argument('[names...]', 'scenarios, all without')
    .option('--file <file>', 'YAML file of scenarios (default: those that come with surepick)')
    .option('--out <dir>', 'folder of the page (default: runs/scenarios-TIME)')
    .option('--list', 'only list the scenarios')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', '\nExample: surepick scenarios person_steps_in bumped_arm')
    .action(async (names: string[], raw: unknown) => scenarios(names, flagsSchema.parse(raw)));
}

async function scenarios(names: readonly string[], flags: z.infer<typeof flagsSchema>): Promise<void> {
  const { file, json } = flags;
  const where = file === undefined ? {} : { file };
  if (flags.list) {
    const listed = readScenarios(file).scenarios.map(({ name, title }) => ({ name, title }));
    for (const { name, title } of listed) say(`${name}: ${title}`);
    if (json) emitJson('scenarios', { scenarios: listed });
    return;
  }
  const out_dir = resolve(flags.out ?? join('runs', `scenarios-${new Date().toISOString().replace(/[:.]/g, '-')}`));
  const { scenarios: known } = readScenarios(file);
  const runs = await untilStopped((stop) => runScenarios({ names, ...where, onDone: (run) => say(lineOf(run)) }, stop));
  const failed = runs.filter(({ unmet }) => unmet.length > 0);
  const page = await writeScenarios(out_dir, runs);
  say(`${runs.length - failed.length} of ${runs.length} as expected; ${page}`);
  const told = runs.map(({ scenario, unmet }) => ({ name: scenario.name, ok: unmet.length === 0, unmet }));
  if (json) emitJson('scenarios', { out_dir, page, passed: failed.length === 0, scenarios: told });
  if (runs.length < (names.length || known.length)) process.exitCode = 130;
  else if (failed.length > 0) process.exitCode = 1;
}

function lineOf({ scenario, unmet }: ScenarioRun): string {
  return `${scenario.name}: ${unmet.length === 0 ? 'as expected' : unmet.join('; ')}`;
}
