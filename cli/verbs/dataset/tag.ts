import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import { InputError } from '../../../contracts/index.ts';
import { CONSENTS, findEpisode, openDataset, type Tags, tagEpisodes, writeIndex } from '../../../datasets/index.ts';
import { emitJson, say } from '../../common.ts';

const flagsSchema = z.object({
  episodes: z.array(z.string()).default([]),
  all: z.boolean().default(false),
  consent: z.enum(CONSENTS).optional(),
  licence: z.string().optional(),
  retainUntil: z.string().optional(),
  purpose: z.array(z.string()).optional(),
  anyPurpose: z.boolean().default(false),
  json: z.boolean().default(false),
});

export function addTag(dataset: Command): void {
  dataset
    .command('tag')
    .description('Says what may be done with episodes, and until when; writes a new revision.')
    .argument('<dir>', 'folder of a dataset or a finished run')
    .option('--episodes <id...>', 'which')
    .option('--all', 'all of them')
    .addOption(new Option('--consent <word>', 'of who is seen or steered').choices(CONSENTS))
    .option('--licence <spdx>', 'SPDX expression, e.g. CC-BY-4.0; LicenseRef-NAME for one of your own; "" for none')
    .option('--retain-until <date>', 'when it must be purged, e.g. 2027-12-31; never')
    .option('--purpose <name...>', 'what it may be used for, and nothing else, e.g. training evaluation')
    .option('--any-purpose', 'it may be used for anything')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText(
      'after',
      '\nExample: surepick dataset tag data/cups --all --consent given --licence CC-BY-4.0 --purpose training',
    )
    .action((dir: string, raw: unknown) => tag(dir, flagsSchema.parse(raw)));
}

async function tag(dir: string, flags: z.infer<typeof flagsSchema>): Promise<void> {
  const dataset = await openDataset(dir);
  const { index } = dataset;
  if (flags.all === flags.episodes.length > 0) throw new InputError('tag', 'say which: --episodes ID… or --all');
  const ids = flags.all ? index.episodes.map(({ id }) => id) : flags.episodes.map((id) => findEpisode(dataset, id).id);
  const tags = tagsOf(flags);
  if (Object.keys(tags).length === 0)
    throw new InputError('tag', 'say what: --consent, --licence, --retain-until, --purpose or --any-purpose');
  const next = tagEpisodes(index, ids, tags, new Date().toISOString());
  if (next !== index) writeIndex(dir, next);
  say(
    next === index
      ? `nothing changes: ${ids.length} episodes are tagged so already`
      : `tagged ${ids.length} episodes; revision ${next.revision}`,
  );
  if (flags.json)
    emitJson('dataset_tag', { folder: dir, episodes: ids, tags, revision: next.revision, changed: next !== index });
}

function tagsOf({ consent, licence, retainUntil, purpose, anyPurpose }: z.infer<typeof flagsSchema>): Tags {
  if (anyPurpose && purpose !== undefined) throw new InputError('--any-purpose', 'not together with --purpose');
  return {
    ...(consent === undefined ? {} : { consent }),
    ...(licence === undefined ? {} : { licence }),
    ...(retainUntil === undefined ? {} : { retain_until: instantOf(retainUntil) }),
    ...(purpose === undefined ? {} : { purposes: [...new Set(purpose)].sort() }),
    ...(anyPurpose ? { purposes: [] } : {}),
  };
}

/** A day ends with its last second, UTC. */
function instantOf(text: string): string | null {
  if (text === 'never') return null;
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) ? `${text}T23:59:59Z` : text;
}
