import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { SeenRevisions, seenFolder, signDataset } from '../../../datasets/index.ts';
import type { KeyStore, SigningKey } from '../../../safety/index.ts';
import { emitJson, say } from '../../common.ts';
import { createBar } from '../../progress.ts';
import { ownKeys, passphraseOf } from '../keys.ts';
import { untilAborted } from './interrupted.ts';

const flagsSchema = z.object({
  key: z.string().optional(),
  passphraseFile: z.string().optional(),
  raise: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** The key that datasets are signed with unless another is named. */
const KEY = 'dataset';

export function addSign(dataset: Command): void {
  dataset
    .command('sign')
    .description(
      'Signs every file of a dataset with your key: who changes, adds, removes or puts back anything is found by verify.',
    )
    .argument('<dir>', 'folder of a dataset, or of a run, which becomes revision 1 of one')
    .option('--key <name>', `one of your keys (default: ${KEY}, which is made on first use)`)
    .option('--passphrase-file <file>', 'its first line opens the key; - for standard input')
    .option('--raise', 'make the next revision of what was changed by hand')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', '\nExample: surepick dataset sign runs/first')
    .action(async (dir: string, raw: unknown) => {
      const { key: name, passphraseFile, raise, json } = flagsSchema.parse(raw);
      const { key, made } = keyOf(ownKeys(), name, passphraseOf(passphraseFile));
      const seen = new SeenRevisions(seenFolder(process.env));
      const bar = createBar('files');
      const signed = await untilAborted((signal) =>
        signDataset(dir, { key, seen, raise, signal, onProgress: bar.update, now: new Date().toISOString() }),
      ).finally(bar.stop);
      if (signed === null) return;
      if (signed.made_index) say(`wrote ${join(dir, 'dataset.json')}: the run is a dataset now`);
      say(`${signed.name}, revision ${signed.revision}: ${signed.files} files, ${(signed.bytes / 1e6).toFixed(1)} MB`);
      say(`root ${signed.root}, signed by ${key.owner} (${key.fingerprint.slice(0, 16)}…) in ${signed.signature}`);
      if (made) tellKey(ownKeys(), key);
      if (json) emitJson('dataset_sign', { ...signed, key: key.fingerprint, owner: key.owner, made_key: made });
    });
}

function keyOf(store: KeyStore, name: string | undefined, passphrase: string): { key: SigningKey; made: boolean } {
  const made = name === undefined && !store.list().some((one) => one.name === KEY);
  if (made) store.create({ name: KEY, owner: userInfo().username, created_at: new Date().toISOString(), passphrase });
  return { key: store.load(name ?? KEY, passphrase), made };
}

function tellKey({ folder }: KeyStore, { name, owner }: SigningKey): void {
  say(`made the key ${name} of ${owner}: ${join(folder, `${name}.key.json`)}, which only you can read`);
  say(`back it up now, locked: surepick keys export ${name} --out ${name}.backup.json --copy-passphrase-file FILE;`);
  say('keep copy and passphrase apart and offline. Others verify with what surepick keys export-public prints.');
  say(
    `A new key in its place: surepick keys rotate ${name}. Lost or stolen: restore the copy, surepick keys revoke ${name}.`,
  );
}
