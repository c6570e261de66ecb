import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files by which a folder is known as a ROS 2 prefix, without the ROS. */
export function fakeRosPrefix(prefix: string, version = '9.2.8'): void {
  for (const folder of ['share/rcl', 'lib', 'include/rcl']) mkdirSync(join(prefix, folder), { recursive: true });
  writeFileSync(join(prefix, 'share/rcl/package.xml'), `<package><version>${version}</version></package>\n`);
  writeFileSync(join(prefix, 'lib/librcl.so'), '');
}
