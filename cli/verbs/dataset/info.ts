import Table from 'cli-table3';
import type { Command } from 'commander';
import { type Dataset, type DatasetEpisode, openDataset } from '../../../datasets/index.ts';
import { emitJson, say } from '../../common.ts';

export function addInfo(dataset: Command): void {
  dataset
    .command('info')
    .description('What a dataset or a run holds.')
    .argument('<dir>', 'folder of a dataset or a run')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample: surepick dataset info runs/first')
    .action(async (dir: string, { json = false }: { json?: boolean }) => {
      const opened = await openDataset(dir);
      if (json) emitJson('dataset_info', infoOf(opened));
      else say(page(opened));
    });
}

/** The fields of `dataset info --json`. */
export function infoOf({ folder, kind, index }: Dataset) {
  const { episodes } = index;
  const judged = episodes.filter(({ outcome }) => outcome.success !== null);
  return {
    ...{ folder, kind, id: index.id, name: index.name, revision: index.revision, licence: index.licence },
    episodes: episodes.length,
    successes: judged.filter(({ outcome }) => outcome.success === true).length,
    failures: judged.filter(({ outcome }) => outcome.success === false).length,
    duration_s: sum(episodes, ({ duration_s }) => duration_s),
    bytes: sum(episodes, ({ bytes }) => bytes),
    robots: count(episodes, ({ robot }) => robot.name),
    engines: count(episodes, ({ engine }) => engine),
    tasks: count(episodes, ({ task }) => task),
    policies: count(episodes, ({ lineage }) => lineage.policy),
    splits: count(episodes, ({ split }) => split ?? 'none'),
    consent: count(episodes, ({ governance }) => governance.consent),
    cameras: [...new Set(episodes.flatMap(({ signals }) => signals.map(({ camera }) => camera)))]
      .filter(Boolean)
      .sort(),
    scored: episodes.filter(({ quality }) => quality !== null).length,
    tombstones: index.tombstones.length,
    products: index.products.length,
  };
}

function page(dataset: Dataset): string {
  const info = infoOf(dataset);
  const table = new Table({ style: { head: [], border: [] } });
  const shown = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, times]) => `${name || 'unknown'} ${times}`)
      .join(', ');
  table.push(
    ['name', `${info.name}, revision ${info.revision}${info.kind === 'run' ? ' (a run)' : ''}`],
    ['episodes', `${info.episodes}: ${info.successes} succeeded, ${info.failures} failed`],
    ['length', `${info.duration_s.toFixed(1)} s, ${(info.bytes / 1e6).toFixed(1)} MB`],
    ['robots', shown(info.robots)],
    ['engines', shown(info.engines)],
    ['tasks', shown(info.tasks)],
    ['policies', shown(info.policies)],
    ['cameras', info.cameras.join(', ') || 'none'],
    ['splits', shown(info.splits)],
    ['consent', shown(info.consent)],
    ['licence', info.licence || 'none told'],
    ['quality', info.scored === 0 ? 'not looked at' : `${info.scored} scored`],
    ['removed', String(info.tombstones)],
  );
  return table.toString();
}

const sum = (episodes: readonly DatasetEpisode[], of: (episode: DatasetEpisode) => number) =>
  episodes.reduce((total, episode) => total + of(episode), 0);

function count(episodes: readonly DatasetEpisode[], of: (episode: DatasetEpisode) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const episode of episodes) counts[of(episode)] = (counts[of(episode)] ?? 0) + 1;
  return counts;
}
