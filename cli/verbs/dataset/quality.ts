import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { InputError } from '../../../contracts/index.ts';
import {
  type Dataset,
  type Examined,
  examineDataset,
  findingsOf,
  nextRevision,
  openDataset,
  renderQuality,
  writeIndex,
} from '../../../datasets/index.ts';
import { emitJson, numberWithin, say } from '../../common.ts';
import { untilInterrupted } from '../../interrupt.ts';
import { createBar } from '../../progress.ts';

interface QualityOptions {
  readonly out?: string;
  readonly minScore?: number;
  readonly json?: boolean;
}

export function addQuality(dataset: Command): void {
  dataset
    .command('quality')
    .description(
      'Looks for gaps, jitter, frozen, dark and blurred pictures, clipping, shifts in time, motions that no arm can do, duplicates and outcomes that do not fit; scores every episode and says what to do. Scores go to the index of a dataset, of a run they are printed.',
    )
    .argument('<dir>', 'folder of a dataset or a run')
    .option('--out <file>', 'write a page with plots, e.g. quality.html')
    .option('--min-score <x>', 'exit with 1 when an episode has less', numberWithin(0, 1))
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', '\nExample: surepick dataset quality data/boxes --out quality.html')
    .action((dir: string, options: QualityOptions) => quality(dir, options));
}

async function quality(dir: string, options: QualityOptions): Promise<void> {
  const dataset = await openDataset(dir);
  const { episodes } = dataset.index;
  if (episodes.length === 0) throw new InputError(`dataset ${dir}`, 'has no episode to look at');
  const bar = createBar('episodes');
  const examined = await untilInterrupted((signal) =>
    examineDataset(dataset, { signal, progress: (done, total, id) => bar.update(done, total, id) }),
  ).finally(() => bar.stop());
  const revision = dataset.kind === 'dataset' && examined.length > 0 ? keep(dataset, examined) : dataset.index.revision;
  if (options.out !== undefined) writePage(options.out, renderQuality(dataset.index, examined));
  say(table(examined));
  const complete = examined.length === episodes.length;
  if (!complete) say(`interrupted after ${examined.length} of ${episodes.length} episodes; what was done is kept`);
  if (dataset.kind === 'run')
    say('a run is not changed; surepick dataset filter makes a dataset of it, whose index keeps scores');
  const low = examined.filter(({ score }) => score < (options.minScore ?? 0));
  for (const { episode, score } of low) say(`below ${options.minScore}: ${episode.id} ${score.toFixed(2)}`);
  if (options.json) emitJson('dataset_quality', fieldsOf(dataset, examined, complete, revision));
  if (!complete) process.exitCode = 130;
  else if (low.length > 0) process.exitCode = 1;
}

/** Writes scores and findings as a new revision; episodes that were not reached keep theirs. */
function keep({ folder, index }: Dataset, examined: readonly Examined[]): number {
  const by_id = new Map(examined.map((of) => [of.episode.id, of]));
  const episodes = index.episodes.map((episode) => {
    const of = by_id.get(episode.id);
    return of === undefined
      ? episode
      : { ...episode, quality: { score: of.score, findings: findingsOf(of.observations) } };
  });
  const next = nextRevision(index, { episodes }, new Date().toISOString());
  writeIndex(folder, next);
  return next.revision;
}

function writePage(file: string, page: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, page);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`out ${file}`, `cannot be written (${reason})`, { cause: error });
  }
  say(`report: ${file}`);
}

function fieldsOf(dataset: Dataset, examined: readonly Examined[], complete: boolean, revision: number) {
  return {
    ...{ folder: dataset.folder, kind: dataset.kind, revision, complete },
    episodes: examined.map(({ episode, score, observations }) => ({
      id: episode.id,
      score,
      findings: findingsOf(observations),
    })),
  };
}

function table(examined: readonly Examined[]): string {
  const shown = new Table({
    head: ['episode', 'score', 'finding', 'remedy'],
    style: { head: [], border: [] },
    colWidths: [null, 7, 70, 34],
    wordWrap: true,
  });
  const clean = examined.filter(({ observations }) => observations.length === 0);
  for (const { episode, score, observations } of examined) {
    const graver = observations.filter(({ severity }) => severity !== 'note');
    const notes = observations.length - graver.length;
    const lines = graver.map(({ severity, check, detail }) => `${severity} ${check.replaceAll('_', ' ')}: ${detail}`);
    if (notes > 0) lines.push(`${notes} ${notes === 1 ? 'note' : 'notes'}`);
    if (lines.length > 0)
      shown.push([
        episode.id,
        score.toFixed(2),
        lines.join('\n'),
        [...new Set(graver.map(({ fix }) => fix))].join('\n'),
      ]);
  }
  const without = `${clean.length} of ${examined.length} episodes without a finding`;
  return clean.length === examined.length ? without : `${shown.toString()}\n${without}`;
}
