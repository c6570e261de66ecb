import { statfsSync } from 'node:fs';
import { cpus, freemem, totalmem } from 'node:os';
import type { Finding, Machine } from './finding.ts';

const GB = 1e9;
const MIN_MEMORY_GB = 2;
const MIN_DISK_GB = 2;

export function nodeFinding({ node_version }: Machine): Finding {
  const [major, minor] = node_version.split('.').map(Number);
  const supported = major > 20 ? major <= 24 : major === 20 && minor >= 19;
  return {
    id: 'node',
    name: 'Node.js',
    state: supported ? 'found' : 'unusable',
    found: node_version,
    needed_for: 'everything',
    remedy: supported ? '' : 'install Node 20.19 to 24: https://nodejs.org',
  };
}

export function cpuFinding({ arch }: Machine): Finding {
  const all = cpus();
  return {
    id: 'cpu',
    name: 'CPU',
    state: 'found',
    found: `${all.length} × ${all[0]?.model.trim() || arch}`,
    needed_for: 'everything; --workers runs episodes on several cores',
    remedy: '',
  };
}

export function memoryFinding(total_bytes = totalmem(), free_bytes = freemem()): Finding {
  const enough = total_bytes >= MIN_MEMORY_GB * GB;
  return {
    id: 'memory',
    name: 'Memory',
    state: enough ? 'found' : 'limited',
    found: `${(total_bytes / GB).toFixed(1)} GB, ${(free_bytes / GB).toFixed(1)} GB free`,
    needed_for: `about 0.4 GB a worker`,
    remedy: enough ? '' : `have ${MIN_MEMORY_GB} GB, or run with --workers 1`,
  };
}

/** @param folder where recordings go by default */
export function diskFinding(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free_GB = (bavail * bsize) / GB;
  const enough = free_GB >= MIN_DISK_GB;
  return {
    id: 'disk',
    name: 'Disk',
    state: enough ? 'found' : 'limited',
    found: `${free_GB.toFixed(1)} GB free in ${folder}`,
    needed_for: 'recordings, up to 15 MB an episode',
    remedy: enough ? '' : `free ${MIN_DISK_GB} GB, or give --out a folder on another disk`,
  };
}
