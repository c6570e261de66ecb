// Writes scripts/package_sizes.json: the packed size of every package of the lockfile that npm's cache holds, so that
// a first `npm start` can say how much it is about to fetch. Run it after a change of dependencies:
//   npm ci --include=dev && node scripts/measure_packages.mjs
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedTarball, nameOf, ROOT, say } from './bootstrap.mjs';

const path = join(ROOT, 'scripts', 'package_sizes.json');
const known = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packed_bytes : {};
const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
const packed_bytes = {};
for (const [folder, entry] of Object.entries(packages)) {
  if (!entry.integrity) continue;
  const key = `${nameOf(folder)}@${entry.version}`;
  const tarball = cachedTarball(entry.integrity);
  if (existsSync(tarball)) packed_bytes[key] = statSync(tarball).size;
  else if (known[key]) packed_bytes[key] = known[key];
}
writeFileSync(path, `${JSON.stringify({ packed_bytes }, null, 2)}\n`);
say(`measured ${Object.keys(packed_bytes).length} packages`);
