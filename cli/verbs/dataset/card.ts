import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { InputError } from '../../../contracts/index.ts';
import { cardFacts, gatherCard, openDataset, renderCard } from '../../../datasets/index.ts';
import { emitJson, integerFrom, say } from '../../common.ts';
import { untilInterrupted } from '../../interrupt.ts';
import { createBar } from '../../progress.ts';

interface CardFlags {
  readonly out?: string;
  readonly maxEpisodes: number;
  readonly json?: boolean;
}

export function addCard(dataset: Command): void {
  dataset
    .command('card')
    .description('One HTML page of a dataset: episodes in pictures, success, distributions, quality, lineage, licence.')
    .argument('<dir>', 'folder of a dataset or a run')
    .option('--out <file>', 'the page, e.g. card.html')
    .option('--max-episodes <n>', 'episodes shown in pictures; the others stand in a table', integerFrom(0, 500), 24)
    .option('--json', 'print the numbers as one JSON object')
    .addHelpText('after', '\nExample: surepick dataset card runs/first --out card.html')
    .action(async (dir: string, flags: CardFlags) => {
      if (flags.out === undefined && flags.json !== true)
        throw new InputError('dataset card', '--out FILE, --json or both');
      const opened = await openDataset(dir);
      const bar = createBar('episodes');
      const content = await untilInterrupted((signal) =>
        gatherCard(opened, {
          signature: { status: 'not_checked', lines: [] },
          max_episodes: flags.out === undefined ? 0 : flags.maxEpisodes,
          onEpisode: (done, total) => bar.update(done, total),
          signal,
        }).finally(bar.stop),
      );
      if (flags.out !== undefined) {
        const page = renderCard(content);
        writePage(flags.out, page);
        say(`card: ${flags.out} (${(page.length / 1e6).toFixed(1)} MB)`);
      }
      if (flags.json === true) emitJson('dataset_card', cardFacts(content));
    });
}

function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`--out ${file}`, `cannot be written (${reason})`, { cause: error });
  }
}
