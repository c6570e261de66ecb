import Table from 'cli-table3';
import type { Command } from 'commander';
import { BENCHMARKS, type BenchmarkResult } from '../../bench/index.ts';
import { InputError } from '../../contracts/index.ts';
import { emitJson, say } from '../common.ts';

const NAMES = BENCHMARKS.map(({ name }) => name);

export function addBench(program: Command): void {
  program
    .command('bench')
    .description(`Measure, beside a reference in the same run. Benchmarks: ${NAMES.join(', ')}.`)
    .argument('[name]', 'one of them; all without')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', '\nExample: surepick bench episodes --json')
    .action(async (name: string | undefined, flags: { json?: boolean }) => {
      const chosen = BENCHMARKS.filter((benchmark) => name === undefined || benchmark.name === name);
      if (chosen.length === 0) throw new InputError(`benchmark '${name}'`, `one of ${NAMES.join(', ')}`);
      const results: (BenchmarkResult & { readonly name: string })[] = [];
      for (const benchmark of chosen) {
        say(`${benchmark.name}: ${benchmark.claim}`);
        const result = await benchmark.run((line) => say(`  ${line} ...`));
        results.push({ name: benchmark.name, ...result });
        say(benchmarkTable(result));
      }
      if (flags.json) emitJson('bench', { benchmarks: results });
      if (results.some(({ checks }) => checks.some(({ pass }) => !pass))) process.exitCode = 1;
    });
}

function benchmarkTable({ rows, checks }: BenchmarkResult): string {
  const table = new Table({ head: ['what', 'measured', 'reference', 'ratio'], style: { head: [], border: [] } });
  const digits = (value: number) => value.toPrecision(4);
  for (const { name, value, unit, reference, reference_name, ratio } of rows) {
    const beside = reference === null ? '' : `${digits(reference)} (${reference_name})`;
    table.push([name, `${digits(value)} ${unit}`, beside, ratio === null ? '' : digits(ratio)]);
  }
  for (const { name, pass, detail } of checks) table.push([name, pass ? 'ok' : 'FAILED', detail, '']);
  return table.toString();
}
