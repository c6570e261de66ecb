import type { Command } from 'commander';
import { addCard } from './card.ts';
import { addExport } from './export.ts';
import { addFilter } from './filter.ts';
import { addImport } from './import.ts';
import { addInfo } from './info.ts';
import { addOutlets } from './outlets.ts';
import { addPurge } from './purge.ts';
import { addQuality } from './quality.ts';
import { addRepair } from './repair.ts';
import { addReplay } from './replay.ts';
import { addSign } from './sign.ts';
import { addTag } from './tag.ts';
import { addVerify } from './verify.ts';
export function addDataset(program: Command): void {
  const dataset = program
    .command('dataset')
    .description(
      'Recorded episodes as datasets: checked, signed, replayed, exported. Works on datasets and on folders of runs.',
    );
  addInfo(dataset);
  addRepair(dataset);
  addCard(dataset);
  addReplay(dataset);
  addTag(dataset);
  addPurge(dataset);
  addOutlets(dataset);
  addFilter(dataset);
  addQuality(dataset);
  addExport(dataset);
  addImport(dataset);
  addSign(dataset);
  addVerify(dataset);
}
