import type { Command } from 'commander';
import { emitJson } from '../common.ts';
import { examine, findingsTable } from '../doctor/index.ts';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('What this machine has, what that is needed for, and how to get what is missing.')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', '\nExample: surepick doctor')
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await examine(process.cwd());
      const usable = findings.every((finding) => finding.state !== 'unusable');
      if (json) emitJson('doctor', { usable, findings });
      else process.stdout.write(`${findingsTable(findings)}\n`);
      if (!usable) process.exitCode = 1;
    });
}
