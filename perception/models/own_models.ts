import { InputError } from '../../contracts/index.ts';
import {
  type ModelFiles,
  modelFolders,
  modelPath,
  parseModelJson,
  readModelFile,
  readModelFiles,
} from './model_files.ts';
import { compareVersions, parseReference } from './model_name.ts';
import { type ModelSignature, type ModelTrust, modelSignature, NO_TRUST } from './trust.ts';

const REMEDY = 'put it back, or remove the model';

/** What is known of one of a user's own models. */
export interface OwnModelStatus {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly bytes: number;
  /** `refused`: spoilt, altered since it was signed, or signed by a key that is not trusted. */
  readonly state: 'trusted' | 'unsigned' | 'refused';
  /** Who signed it, as the signature says; empty for nobody. */
  readonly signed_by: string;
  readonly fingerprint: string;
  /** Why it is refused; empty when it is not. */
  readonly problem: string;
}

/** A model of the user's own, with who vouches for it. */
export interface OwnModel extends ModelFiles {
  /** Null where nobody has signed it. */
  readonly signature: ModelSignature | null;
  readonly fingerprint: string;
}

/**
 * A user's own models: NAME/VERSION/model.onnx, manifest.json and signature.json in a folder of theirs. What is signed must be
 * as it was signed, by a key that the user trusts; what is not signed may be used where nothing moves.
 */
export class OwnModels {
  readonly folder: string;
  private readonly trust: ModelTrust;

  constructor(folder: string, trust: ModelTrust = NO_TRUST) {
    this.folder = folder;
    this.trust = trust;
  }

  modelFile(name: string, version: string): string {
    return modelPath(this.folder, name, version, 'model.onnx');
  }

  /** Names and versions that there are, in their order. */
  async all(): Promise<{ name: string; version: string }[]> {
    const found = await modelFolders(this.folder);
    return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : compareVersions(a.version, b.version)));
  }

  /** The newest of NAME, or NAME@VERSION; null where there is none. @throws InputError for what is no reference */
  async find(reference: string): Promise<{ name: string; version: string } | null> {
    const { name, version } = parseReference(reference);
    const found = await this.all();
    return found.filter((one) => one.name === name && (version === null || one.version === version)).at(-1) ?? null;
  }

  /** As `find`. @throws InputError where there is none, which names those that there are */
  async named(reference: string): Promise<{ name: string; version: string }> {
    const found = await this.find(reference);
    if (found !== null) return found;
    const all = (await this.all()).map(({ name, version }) => `${name}@${version}`);
    throw new InputError(`model ${reference} in ${this.folder}`, `one of: ${all.join(', ') || 'none yet'}`);
  }

  /** Reads a model with its signature. @throws InputError if it is spoilt, altered or signed by a key that is not trusted */
  async load(name: string, version: string): Promise<OwnModel> {
    const files = await this.read(name, version);
    const signed = await readModelFile(this.folder, name, version, 'signature.json');
    if (signed === null) return { ...files, signature: null, fingerprint: '' };
    const where = modelPath(this.folder, name, version, 'signature.json');
    const signature = parseModelJson(signed, where, modelSignature);
    checkStatement(signature, files, where);
    return { ...files, signature, fingerprint: this.judge(signature, where) };
  }

  /** Reads a model whoever has signed it, to look at it or to sign it. @throws InputError if its files do not fit */
  read(name: string, version: string): Promise<ModelFiles> {
    return readModelFiles(this.folder, name, version, REMEDY);
  }

  /** What there is, each read and judged. */
  async verify(): Promise<OwnModelStatus[]> {
    const found: OwnModelStatus[] = [];
    for (const { name, version } of await this.all()) found.push(await this.statusOf(name, version));
    return found;
  }

  private async statusOf(name: string, version: string): Promise<OwnModelStatus> {
    try {
      const { sha256, bytes, signature, fingerprint } = await this.load(name, version);
      const state = signature === null ? 'unsigned' : 'trusted';
      const signed_by = signature?.statement.owner ?? '';
      return { name, version, sha256, bytes: bytes.length, state, signed_by, fingerprint, problem: '' };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const nothing = { sha256: '', bytes: 0, signed_by: '', fingerprint: '' };
      return { name, version, ...nothing, state: 'refused', problem: error.message };
    }
  }

  /** Fingerprint of a key that is trusted. */
  private judge(signature: ModelSignature, where: string): string {
    const { state, fingerprint } = this.trust.judge(signature);
    const { owner, name, model_version } = signature.statement;
    const told = `${where} by '${owner}' (${fingerprint || 'no key'})`;
    const again = `surepick models sign ${name}@${model_version}`;
    switch (state) {
      case 'trusted':
        return fingerprint;
      case 'unknown':
        throw new InputError(told, `not trusted here; if you know the key: surepick models trust ${fingerprint}`);
      case 'revoked':
        throw new InputError(told, `the key is revoked; check the model and sign it with another: ${again} --key NAME`);
      case 'invalid':
        throw new InputError(told, `is not a signature of this key; check the model and sign it again: ${again}`);
    }
  }
}

function checkStatement({ statement }: ModelSignature, files: ModelFiles, where: string): void {
  const { name, version, sha256, manifest_sha256 } = files;
  const compared: readonly (readonly [string, string, string])[] = [
    ['name', statement.name, name],
    ['version', statement.model_version, version],
    ['model.onnx', statement.sha256, sha256],
    ['manifest.json', statement.manifest_sha256, manifest_sha256],
  ];
  for (const [what, signed, is] of compared)
    if (signed !== is)
      throw new InputError(
        `${where}: ${what} was signed as ${signed}, is ${is}`,
        `it was altered since; restore it, or check it and sign it again: surepick models sign ${name}@${version}`,
      );
}
