import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { InputError, PACKAGE_ROOT } from '../contracts/index.ts';
import { say } from './common.ts';
import { addBench } from './verbs/bench.ts';
import { addDoctor } from './verbs/doctor.ts';
import { addDynamics } from './verbs/dynamics.ts';
import { addModels } from './verbs/models.ts';
import { addPerceive } from './verbs/perceive.ts';
import { addRender } from './verbs/render.ts';
import { addRun } from './verbs/run.ts';
import { addSim } from './verbs/sim.ts';

/** Exit codes: 0 done, 1 a failed check, 2 bad arguments or input, 130 interrupted. */
async function main(argv: readonly string[]): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string };
  const program = new Command('surepick');
  program
    .description('Pick-and-place robot stack: simulate, run, inspect.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(`${text.trim().replaceAll('\n', ' ')}\n`) })
    .showSuggestionAfterError(true);
  for (const add of [addRun, addSim, addRender, addPerceive, addModels, addDoctor, addDynamics, addBench]) add(program);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof InputError) {
    say(`error: ${error.message}`);
    return 2;
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 1;
}

await main(process.argv.slice(2));
