// Plays all scenarios and writes docs/scenarios.md with its pictures. Needs a build.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '..', '..');
const { mosaic, PICTURES_FOLDER, readScenarios, runScenarios, scenariosDocument } = await import(
  join(root, 'dist', 'drills', 'scenarios', 'index.js')
);
const docs = join(root, 'docs');
mkdirSync(join(docs, PICTURES_FOLDER), { recursive: true });
writeFileSync(join(docs, 'scenarios.md'), scenariosDocument(readScenarios()));
let unmet = 0;
for (const run of await runScenarios({ names: [] })) {
  for (const line of run.unmet) process.stderr.write(`${run.scenario.name}: ${line}\n`);
  unmet += run.unmet.length;
  writeFileSync(join(docs, PICTURES_FOLDER, `${run.scenario.name}.jpg`), await mosaic(run));
}
process.exitCode = unmet === 0 ? 0 : 1;
