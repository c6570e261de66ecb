import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DrillRun, renderDrillPage } from './page/render_page.ts';

export const DRILLS_SCHEMA = 'surepick/drills';

/** Writes `drills.html` and `drills.json` into a folder, which is made; returns the path of the page. */
export function writeDrills(folder: string, run: DrillRun): string {
  mkdirSync(folder, { recursive: true });
  const { results, ...setting } = run;
  const drills = results.map(({ timeline: _timeline, undisturbed: _undisturbed, ...rest }) => rest);
  writeFileSync(
    join(folder, 'drills.json'),
    `${JSON.stringify({ schema: DRILLS_SCHEMA, version: 1, ...setting, drills }, null, 2)}\n`,
  );
  const page = join(folder, 'drills.html');
  writeFileSync(page, renderDrillPage(run));
  return page;
}
