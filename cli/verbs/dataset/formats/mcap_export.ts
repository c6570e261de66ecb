import type { Command } from 'commander';
import { z } from 'zod';
import { InputError } from '../../../../contracts/index.ts';
import { exportMcap } from '../../../../datasets/index.ts';
import { numberWithin } from '../../../common.ts';
import type { ExportFormat, ExportRequest, FormatOutcome } from './format.ts';

const LONGEST_S = 1e6;
const options = z.object({
  topics: z.array(z.string()).nullable().default(null),
  from: z.number().nullable().default(null),
  to: z.number().nullable().default(null),
  merge: z.boolean().default(false),
});

/** rosbag2 bags of MCAP. */
export const mcapExport: ExportFormat = {
  name: 'mcap',
  addOptions(command: Command) {
    command
      .option('--topics <names>', 'mcap: messages of these topics alone, with commas', (text: string) =>
        text.split(','),
      )
      .option('--from <s>', 'mcap: from so many seconds after the beginning of an episode', numberWithin(0, LONGEST_S))
      .option('--to <s>', 'mcap: until before so many seconds after it', numberWithin(0, LONGEST_S))
      .option('--merge', 'mcap: one bag of all episodes, one after the other')
      .addHelpText(
        'after',
        '         surepick dataset export runs/first --format mcap --out bags --topics /joint_states',
      );
  },
  run: runExport,
};

async function runExport(request: ExportRequest): Promise<FormatOutcome> {
  const { dataset, episodes, out, resume, signal, bar } = request;
  const { topics, from, to, merge } = options.parse(request.options);
  if (from !== null && to !== null && to <= from)
    throw new InputError(`--to ${to}`, `must be more than --from ${from}`);
  const exported = await exportMcap({
    ...{ dataset, episodes, out, topics, from_s: from, to_s: to, merge, resume, signal },
    onEpisode: (done, total, id) => bar.update(done, total, id),
  });
  const { complete, kept, notes } = exported;
  const messages = exported.episodes.reduce((sum, episode) => sum + episode.messages, 0);
  const moved = exported.episodes.filter(({ moved_ns }) => moved_ns !== '0').length;
  const said = [
    `${exported.episodes.length} of ${episodes.length} episodes, ${messages} messages, in ${out}`,
    ...(kept.length === 0 ? [] : [`${kept.length} were there already`]),
    ...(moved === 0 ? [] : [`log times of ${moved} were moved, so that one follows another; stamps in messages stay`]),
    ...(complete ? [] : [merge ? 'interrupted: a merged bag begins anew' : 'interrupted; --resume goes on']),
    ...notes,
  ];
  return {
    ...{ complete, lines: said, episodes: exported.episodes.map(({ id }) => id) },
    fields: { messages, kept, notes, episodes: exported.episodes },
  };
}
