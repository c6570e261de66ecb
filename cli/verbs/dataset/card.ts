import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { InputError } from '../../../contracts/index.ts';
import {
  cardFacts,
  gatherCard,
  openDataset,
  ownTrustedKeys,
  renderCard,
  type SignatureStatus,
  verifyDataset,
} from '../../../datasets/index.ts';
import { checkRun } from '../../../stack/index.ts';
import { emitJson, integerFrom, say } from '../../common.ts';
import { createBar } from '../../progress.ts';
import { ownKeys } from '../keys.ts';
import { untilAborted } from './interrupted.ts';
import { checkLeaving } from './outlets.ts';

/** Of what a check finds; surepick dataset verify tells all. */
const MOST_LINES = 5;

interface CardFlags {
  readonly out?: string;
  readonly maxEpisodes: number;
  readonly check: boolean;
  readonly json?: boolean;
}

export function addCard(dataset: Command): void {
  dataset
    .command('card')
    .description('One HTML page of a dataset: episodes in pictures, success, distributions, quality, lineage, licence.')
    .argument('<dir>', 'folder of a dataset or a run')
    .option('--out <file>', 'the page, e.g. card.html')
    .option('--max-episodes <n>', 'episodes shown in pictures; the others stand in a table', integerFrom(0, 500), 24)
    .option('--no-check', 'do not read every file to check it against index and signatures')
    .option('--json', 'print the numbers as one JSON object')
    .addHelpText('after', '\nExample: surepick dataset card runs/first --out card.html')
    .action(async (dir: string, flags: CardFlags) => {
      if (flags.out === undefined && flags.json !== true)
        throw new InputError('dataset card', '--out FILE, --json or both');
      const opened = await openDataset(dir);
      if (flags.out !== undefined) await checkLeaving(flags.out, dir, opened.index.episodes, '');
      const bar = createBar('episodes');
      const content = await untilAborted(async (signal) =>
        gatherCard(opened, {
          signature: flags.check ? await signatureOf(dir, signal) : { status: 'not_checked', lines: [] },
          max_episodes: flags.out === undefined ? 0 : flags.maxEpisodes,
          onEpisode: (done, total) => bar.update(done, total),
          signal,
        }).finally(bar.stop),
      );
      if (content === null) return;
      if (flags.out !== undefined) {
        const page = renderCard(content);
        writePage(flags.out, page);
        say(`card: ${flags.out} (${(page.length / 1e6).toFixed(1)} MB)`);
      }
      if (flags.json === true) emitJson('dataset_card', cardFacts(content));
    });
}

/** Who vouches for a dataset, by the keys that its user trusts. */
async function signatureOf(dir: string, signal: AbortSignal): Promise<SignatureStatus> {
  const verdict = await verifyDataset(dir, {
    ...{ trusted: ownTrustedKeys(ownKeys()), checkRun, signal, now: new Date().toISOString() },
  });
  const { ok, signed, signers, findings, warnings } = verdict;
  if (!ok) {
    const lines = findings.slice(0, MOST_LINES).map(({ kind, place, detail }) => `${kind}: ${place}: ${detail}`);
    return { status: 'broken', lines };
  }
  const told = signers.map(({ owner, fingerprint, signed_at }) => `signed by ${owner || fingerprint} at ${signed_at}`);
  return { status: signed ? 'signed' : 'unsigned', lines: [...told, ...warnings].slice(0, MOST_LINES) };
}

function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`--out ${file}`, `cannot be written (${reason})`, { cause: error });
  }
}
