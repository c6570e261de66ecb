import Table from 'cli-table3';
import { type Command, InvalidArgumentError } from 'commander';
import { createEngine, ENGINE_NAMES, LAWS, type PhysicsCheck, physicsChecks, prepareEngine } from '../../sim/index.ts';
import { emitJson, numberWithin, say } from '../common.ts';
import { createBar } from '../progress.ts';

/** Steps that are checked unless others are asked for: what the stack uses, and half of it (s). */
const STEPS_S: readonly number[] = [0.002, 0.001];
const step = numberWithin(1e-5, 0.01);

interface Flags {
  readonly engine: string;
  readonly dt?: readonly number[];
  readonly quick?: boolean;
  readonly json?: boolean;
}

export function addPhysicsCheck(program: Command): void {
  program
    .command('physics-check')
    .description('Checks an engine against the laws that can be written down; a failed one is exit code 1.')
    .option('--engine <name>', ENGINE_NAMES.join(' or '), engineName, 'cannon')
    .option('--dt <s>', `length of a step; may be given again (default: ${STEPS_S.join(' and ')})`, collect)
    .option('--quick', 'fewer cases of each law')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', '\nExample: surepick physics-check --engine mujoco --dt 0.002 --json')
    .action(async ({ engine, dt, quick, json }: Flags) => {
      const steps = dt ?? STEPS_S;
      await prepareEngine(engine);
      const bar = createBar('laws');
      const checks = steps.flatMap((dt_s, k) =>
        physicsChecks(
          {
            engine,
            dt_s,
            thorough: quick !== true,
            create: (robot, scene, o) => createEngine(engine, robot, scene, o),
          },
          (done) => bar.update(k * LAWS.length + done, steps.length * LAWS.length),
        ).map((check) => ({ ...check, name: `${check.name} [step ${dt_s} s]` })),
      );
      bar.stop();
      say(checkTable(checks));
      const failed = checks.filter(({ pass }) => !pass).length;
      say(`${engine}: ${checks.length - failed} of ${checks.length} checks hold`);
      if (json) emitJson('physics-check', { engine, steps_s: steps, passed: failed === 0, failed, checks });
      if (failed > 0) process.exitCode = 1;
    });
}

function engineName(text: string): string {
  const name = ENGINE_NAMES.find((known) => known === text);
  if (name === undefined) throw new InvalidArgumentError(`Allowed: ${ENGINE_NAMES.join(', ')}.`);
  return name;
}

function collect(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, step(text)];
}

function checkTable(checks: readonly PhysicsCheck[]): string {
  const table = new Table({
    head: ['law', 'expected', 'measured', 'tolerance', 'unit', ''],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'left', 'left'],
  });
  const digits = (value: number) => (value === 0 ? '0' : value.toPrecision(4));
  for (const { name, expected, measured, tolerance, unit, pass } of checks) {
    table.push([name, digits(expected), digits(measured), digits(tolerance), unit, pass ? 'ok' : 'FAILED']);
  }
  return table.toString();
}
