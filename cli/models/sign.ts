import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { checkGolden, type ModelSigner, type OwnModels, signModel } from '../../perception/index.ts';
import { type KeyStore, type SigningKey, signDocument, TrustedModelKeys } from '../../safety/index.ts';
import { emitJson, say } from '../common.ts';
import { ownKeys, passphraseOf } from '../verbs/keys.ts';
import { jsonFlag, modelsFlag } from './flags.ts';
import { ownModels } from './own_models.ts';

const flagsOf = z.object({
  models: z.string().optional(),
  key: z.string().optional(),
  passphraseFile: z.string().optional(),
  trust: z.boolean(),
  json: z.boolean().default(false),
});

/** The key that models are signed with unless another is named. */
const KEY = 'model';

/** Adds `models sign`. */
export function addSign(models: Command): void {
  models
    .command('sign')
    .description('Signs a model of your own with your key: who changes it, its manifest or golden inputs is found out.')
    .argument('<model>', 'NAME or NAME@VERSION in the folder of your own models')
    .addOption(modelsFlag())
    .option('--key <name>', `one of your keys (default: ${KEY}, which is made on first use)`)
    .option('--passphrase-file <file>', 'its first line opens the key; - for standard input')
    .option('--no-trust', 'do not put the key on your own list of trusted keys')
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample: surepick models sign gripper-eye@1.0.0')
    .action(async (reference: string, raw: unknown) => {
      const { models: folder, key: name, passphraseFile, trust, json } = flagsOf.parse(raw);
      const own = ownModels(folder);
      await checkWorks(own, reference);
      const { key, made } = keyOf(ownKeys(), name, passphraseOf(passphraseFile));
      const now = new Date().toISOString();
      const { owner, fingerprint, public_key } = key;
      const signer: ModelSigner = { public_key, owner, sign: (told) => signDocument(key.key, 'model', told) };
      const { statement, file } = await signModel(own, reference, signer, now);
      const model = `${statement.name}@${statement.model_version}`;
      say(`${model} is signed by ${owner} (${fingerprint.slice(0, 16)}…) in ${file}`);
      if (made)
        say(`made the key ${key.name}: ${join(ownKeys().folder, `${key.name}.key.json`)}, which only you can read`);
      const added = trust && new TrustedModelKeys(process.env).add({ fingerprint, owner, added_at: now });
      if (added) say('the key is trusted on this machine from now on');
      say(`on another machine: surepick models trust ${fingerprint}`);
      const { sha256, manifest_sha256, signed_at } = statement;
      const signed = { model, sha256, manifest_sha256, owner, fingerprint, signed_at };
      if (json) emitJson('models-sign', { ...signed, file, made_key: made });
    });
}

/** A model is signed only if it can be loaded as its manifest says, and gives what its golden inputs say. */
async function checkWorks(own: OwnModels, reference: string): Promise<void> {
  const { name, version } = await own.named(reference);
  const told = `${name}@${version}`;
  const golden = await checkGolden(await own.read(name, version), told);
  if (golden !== null && !golden.holds)
    throw new InputError(
      `golden inputs of ${told} give other outputs, by ${golden.worst}`,
      `at most ${golden.tolerance}; find out why before you sign it`,
    );
}

function keyOf(store: KeyStore, name: string | undefined, passphrase: string): { key: SigningKey; made: boolean } {
  const made = name === undefined && !store.list().some((one) => one.name === KEY);
  if (made) store.create({ name: KEY, owner: userInfo().username, created_at: new Date().toISOString(), passphrase });
  return { key: store.load(name ?? KEY, passphrase), made };
}
