import Table from 'cli-table3';
import type { Command } from 'commander';
import {
  chosenSources,
  type EpisodeReplay,
  MEASURED_TOPICS,
  type MessageDifference,
  type ReplayTally,
  replayAll,
  replaySources,
} from '../../../stack/index.ts';
import { emitJson, integerFrom, say } from '../../common.ts';
import { untilInterrupted } from '../../interrupt.ts';
import { createBar } from '../../progress.ts';

interface ReplayFlags {
  readonly episodes?: string;
  readonly workers: number;
  readonly json?: boolean;
}

export function addReplay(dataset: Command): void {
  dataset
    .command('replay')
    .description(
      'Play recorded episodes again from their records, and compare them with what was recorded, to the byte.',
    )
    .argument('<dir|file>', 'a dataset, the folder of a run, or one recording')
    .option('--episodes <which>', 'positions, ranges of them and ids, as 0-9,12 (default: all)')
    .option('--workers <n>', 'worker threads', integerFrom(1, 256), 1)
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample: surepick dataset replay runs/first --workers 2')
    .action(async (path: string, flags: ReplayFlags) => {
      const sources = chosenSources(replaySources(path), flags.episodes ?? null);
      const bar = createBar('episodes');
      let done = 0;
      bar.update(0, sources.length);
      const tally = await untilInterrupted((signal) =>
        replayAll(sources, flags.workers, (replay) => bar.update(++done, sources.length, replay.id), signal).finally(
          bar.stop,
        ),
      );
      say(page(tally));
      if (flags.json) emitJson('dataset_replay', { ...tally, not_compared: MEASURED_TOPICS });
      if (tally.interrupted) process.exitCode = 130;
      else if (tally.same < tally.asked) process.exitCode = 1;
    });
}

/** One line an episode that is not the same, and what all of them came to. */
function page({ replays, same, asked, interrupted, wall_seconds }: ReplayTally): string {
  const others = replays.filter(({ result }) => result !== 'same');
  const table = new Table({
    head: ['episode', 'result', 'where it differs first', 'why'],
    style: { head: [], border: [] },
    colWidths: [null, null, 60, 60],
    wordWrap: true,
  });
  for (const replay of others.slice(0, 50)) {
    table.push([replay.id, replay.result, whereOf(replay), replay.reasons.join('; ')]);
  }
  const each = replays.length === 0 ? 0 : wall_seconds / replays.length;
  const left = MEASURED_TOPICS.map(({ topic, keys, why }) => `${keys.join(', ')} of ${topic}: ${why}`).join('; ');
  return [
    ...(others.length === 0 ? [] : [table.toString()]),
    ...(others.length > 50 ? [`and ${others.length - 50} more`] : []),
    `${same} of ${asked} replayed to the byte${interrupted ? `, ${replays.length} looked at before it was interrupted` : ''}; ` +
      `${wall_seconds.toFixed(1)} s, ${each.toFixed(2)} s an episode`,
    `measured on the wall clock and not compared: ${left}`,
  ].join('\n');
}

function whereOf({ compared, record, digest }: EpisodeReplay): string {
  if (compared !== null && compared.first !== null) return differenceLine(compared.first);
  if (record !== null) return `${record.field}: ${record.recorded} was recorded, ${record.replayed} replayed`;
  return digest.recorded !== null && digest.recorded !== digest.replayed ? 'the digest of its physics' : '';
}

function differenceLine(difference: MessageDifference): string {
  const { topic, message, time_s, what, field, recorded, replayed } = difference;
  return `${topic} message ${message} at ${time_s.toFixed(3)} s, ${what} ${field}: ${recorded} was recorded, ${replayed} replayed`;
}
