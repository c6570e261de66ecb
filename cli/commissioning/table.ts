import Table from 'cli-table3';
import { COMMISSIONING_STAGES, type CommissioningRecord } from '../../safety/index.ts';

/** Every stage with what became of it. */
export function recordTable({ stages }: CommissioningRecord): string {
  const table = new Table({
    head: ['stage', 'verdict', 'found', 'remedy'],
    colWidths: [12, 16, 60, 40],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const name of COMMISSIONING_STAGES) {
    const done = stages.find(({ stage }) => stage === name);
    const lines = (texts: readonly string[]) => texts.filter((text) => text !== '').join('\n');
    const findings = done?.findings ?? [];
    table.push([
      name,
      done?.verdict.replace('_', ' ') ?? 'open',
      lines(findings.map(({ what }) => what)),
      lines(findings.map(({ remedy }) => remedy)),
    ]);
  }
  return table.toString();
}
