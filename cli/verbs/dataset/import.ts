import { basename, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { InputError } from '../../../contracts/index.ts';
import { emitJson, say } from '../../common.ts';
import { untilInterrupted } from '../../interrupt.ts';
import { createBar } from '../../progress.ts';
import { IMPORT_FORMATS } from './formats/index.ts';

interface ImportOptions {
  readonly format: string;
  readonly out: string;
  readonly name?: string;
  readonly json?: boolean;
}

export function addImport(dataset: Command): void {
  const formats = IMPORT_FORMATS.map(({ name }) => name);
  const command = dataset
    .command('import')
    .description('Makes a dataset of recordings that other tools wrote.')
    .argument('<source>', 'folder or file to read')
    .addOption(new Option('--format <name>', 'format to read').choices(formats).makeOptionMandatory())
    .requiredOption(
      '--out <dir>',
      'folder of the dataset that is made; new or empty, or for rosbag2 a dataset to add to',
    )
    .option('--name <name>', 'name of the dataset (default: that of the source)')
    .option('--json', 'print one JSON object');
  for (const { addOptions } of IMPORT_FORMATS) addOptions?.(command);
  command
    .addHelpText('after', '\nExample: surepick dataset import pusht --format lerobot --out datasets/pusht')
    .action((source: string, options: ImportOptions) => runImport(source, options));
}

async function runImport(source: string, options: ImportOptions): Promise<void> {
  const format = IMPORT_FORMATS.find(({ name }) => name === options.format);
  if (format === undefined) throw new InputError(`--format ${options.format}`, 'see surepick dataset import --help');
  const bar = createBar('episodes');
  const { out } = options;
  const name = options.name ?? (basename(resolve(source)).slice(0, 100) || 'imported');
  const now = new Date().toISOString();
  const outcome = await untilInterrupted((signal) =>
    format.run({ source, out, name, now, signal, bar, options: { ...options } }),
  ).finally(() => bar.stop());
  for (const line of outcome.lines) say(line);
  if (options.json) {
    emitJson('dataset_import', { format: format.name, out, complete: outcome.complete, ...outcome.fields });
  }
  if (!outcome.complete) process.exitCode = 130;
}
