import { join } from 'node:path';
import Table from 'cli-table3';
import { cacheFolder, PACKAGE_ROOT } from '../../contracts/index.ts';
import { findWebGpu } from '../../sim/index.ts';
import { gpuFinding, installedProviders, providerFindings, providerProbe, webGpuFinding } from './accelerator.ts';
import type { Finding } from './finding.ts';
import { cpuFinding, diskFinding, memoryFinding, nodeFinding } from './host.ts';
import { LOCAL_MACHINE } from './local_machine.ts';
import { browserFinding, pythonFindings, rosFinding } from './peers.ts';

export type { Finding } from './finding.ts';

/** Looks at this machine; `folder` is where recordings would go. */
export async function examine(folder: string): Promise<Finding[]> {
  const machine = LOCAL_MACHINE;
  const gpu = gpuFinding(machine);
  return [
    nodeFinding(machine),
    cpuFinding(machine),
    memoryFinding(),
    diskFinding(folder),
    gpu,
    await webGpuFinding(findWebGpu),
    ...(await providerFindings(installedProviders, providerProbe(gpu.state === 'found'))),
    rosFinding(machine),
    browserFinding(machine, join(PACKAGE_ROOT, 'node_modules', '@sparticuz', 'chromium', 'bin')),
    ...pythonFindings(machine, cacheFolder('python')),
  ];
}

const COLUMN_WIDTHS = [14, 9, 34, 28, 34];

export function findingsTable(findings: readonly Finding[]): string {
  const table = new Table({
    head: ['', 'state', 'found', 'needed for', 'how to get it'],
    colWidths: COLUMN_WIDTHS,
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { name, state, found, needed_for, remedy } of findings)
    table.push([name, state, found, needed_for, remedy]);
  return table.toString();
}
