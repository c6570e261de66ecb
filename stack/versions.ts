import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../contracts/index.ts';

const packageJson = z.object({ version: z.string(), dependencies: z.record(z.string(), z.string()) });

/** Versions of surepick, Node and the libraries that results depend on. */
export function packageVersions(): Record<string, string> {
  const { version, dependencies } = packageJson.parse(
    JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')),
  );
  const chosen = ['cannon-es', '@mujoco/mujoco', 'onnxruntime-node', 'sharp', 'three'];
  return {
    surepick: version,
    node: process.versions.node,
    ...Object.fromEntries(chosen.map((name) => [name, dependencies[name] ?? 'absent'])),
  };
}
