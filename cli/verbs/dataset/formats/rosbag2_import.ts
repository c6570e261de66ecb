import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { z } from 'zod';
import { type ImportedBag, importBags } from '../../../../datasets/index.ts';
import { numberWithin } from '../../../common.ts';
import type { FormatOutcome, ImportFormat, ImportRequest } from './format.ts';

const LONGEST_GAP_S = 86_400;
const options = z.object({
  splitOn: z.string().optional(),
  splitGap: z.number().optional(),
  robot: z.string().optional(),
  task: z.string().optional(),
  text: z.string().optional(),
});

/** rosbag2 bags, sqlite3 and MCAP; episodes are added to a dataset that is there already. */
export const rosbag2Import: ImportFormat = {
  name: 'rosbag2',
  addOptions(command: Command) {
    command
      .option('--split-on <topic>', 'rosbag2: every message of this topic begins an episode (default: a bag is one)')
      .option(
        '--split-gap <s>',
        'rosbag2: so long a silence of all topics ends one',
        numberWithin(0.001, LONGEST_GAP_S),
      )
      .option('--robot <name>', 'rosbag2: name of the robot (default: that of its URDF in the bag)')
      .option('--task <name>', 'rosbag2: task of the episodes')
      .option('--text <words>', 'rosbag2: what was to be done, in words')
      .addHelpText(
        'after',
        '         surepick dataset import bags/ur5 --format rosbag2 --split-gap 5 --task pick --out datasets/ur5\n' +
          'A rosbag2 bag is a folder with metadata.yaml, a file .mcap or .db3, or a folder of these; compressed ones are laid\n' +
          'aside in TMPDIR meanwhile. --out may be a dataset: the episodes are added to it.',
      );
  },
  run: runImport,
};

async function runImport(request: ImportRequest): Promise<FormatOutcome> {
  const { source, out, name, now, signal, bar } = request;
  const { splitOn, splitGap, robot, task, text } = options.parse(request.options);
  const { index, bags, complete } = await importBags({
    ...{ source, out, name, now, signal, id: randomUUID() },
    ...{ split_on: splitOn, split_gap_s: splitGap, robot, task, text },
    progress: (done, total, what) => bar.update(done, total, what),
  });
  const episodes = bags.flatMap((bag) => [...bag.kept, ...bag.episodes]);
  const fields = {
    ...{ id: index.id, revision: index.revision, episodes },
    bags: bags.map(({ bag, episodes: made, kept, messages, left_out, notes }) => ({
      ...{ bag, episodes: made, kept, messages, left_out, notes },
    })),
  };
  return { fields, lines: bags.flatMap(linesOf), complete, episodes };
}

function linesOf({ bag, episodes, kept, messages, left_out, notes }: ImportedBag): readonly string[] {
  const there = kept.length === 0 ? '' : `, ${kept.length} were there already`;
  return [
    `${bag}: ${episodes.length} ${episodes.length === 1 ? 'episode' : 'episodes'}, ${messages} messages${there}`,
    ...left_out.map(({ topic, messages: lost, why }) => `  left out ${topic}, ${lost} messages: ${why}`),
    ...notes.map((note) => `  ${note}`),
  ];
}
