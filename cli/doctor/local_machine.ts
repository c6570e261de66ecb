import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Machine } from './finding.ts';

/** The machine this process runs on. Probing starts short-lived commands and opens no connection. */
export const LOCAL_MACHINE: Machine = {
  env: process.env,
  platform: process.platform,
  arch: process.arch,
  node_version: process.versions.node,
  which(command) {
    const names = process.platform === 'win32' ? [`${command}.exe`, `${command}.cmd`] : [command];
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      for (const name of names) {
        const path = join(folder, name);
        if (folder !== '' && isExecutable(path)) return path;
      }
    }
    return null;
  },
  output(command, args, timeout_s) {
    try {
      return execFileSync(command, args, {
        encoding: 'utf8',
        timeout: timeout_s * 1000,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch {
      return null;
    }
  },
  list(folder) {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  },
  exists: existsSync,
};

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
