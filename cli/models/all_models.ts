import { InputError } from '../../contracts/index.ts';
import {
  checkGolden,
  type GoldenCheck,
  InferenceError,
  type ModelFiles,
  type ModelRepository,
  type OwnModels,
  parseReference,
} from '../../perception/index.ts';

/** A model of either root, and whether it may be used. */
export interface ModelRow {
  readonly name: string;
  readonly version: string;
  readonly origin: 'shipped' | 'own';
  readonly sha256: string;
  readonly bytes: number;
  /** `pinned` by the repository; `trusted`, `unsigned` or `refused` of the user's own. A spoilt shipped one is `refused`. */
  readonly state: 'pinned' | 'trusted' | 'unsigned' | 'refused';
  /** Who signed it; empty for nobody. */
  readonly signed_by: string;
  /** Why it is refused; empty when it is not. */
  readonly problem: string;
}

/** Models of both roots, each read, hashed and judged, the shipped ones first. */
export async function allModels(repository: ModelRepository, own: OwnModels): Promise<ModelRow[]> {
  const shipped = (await repository.verify()).map(({ verified, problem, name, version, sha256, bytes }): ModelRow => {
    const state = verified ? 'pinned' : 'refused';
    return { name, version, origin: 'shipped', sha256, bytes, state, signed_by: '', problem };
  });
  const mine = await own.verify();
  return [...shipped, ...mine.map(({ fingerprint: _, ...row }): ModelRow => ({ ...row, origin: 'own' }))];
}

/** Those of them that a reference names: every version without one. @throws InputError if it names none */
export function matching(rows: readonly ModelRow[], reference: string | undefined): readonly ModelRow[] {
  if (reference === undefined) return rows;
  const { name, version } = parseReference(reference);
  const found = rows.filter((row) => row.name === name && (version === null || row.version === version));
  if (found.length > 0) return found;
  const known = rows.map((row) => `${row.name}@${row.version}`).join(', ');
  throw new InputError(`model ${reference}`, `one of: ${known || 'none'}`);
}

/** Reads a model of a row again, its files checked. */
export function filesOf(row: ModelRow, repository: ModelRepository, own: OwnModels): Promise<ModelFiles> {
  const { name, version, origin } = row;
  return origin === 'shipped' ? repository.load(`${name}@${version}`) : own.load(name, version);
}

export interface CheckedModel extends ModelRow {
  /** Null where it has none, or was refused before. */
  readonly golden: GoldenCheck | null;
  readonly ok: boolean;
}

/** Loads a model that is not refused, and runs its golden inputs. */
export async function checkModel(row: ModelRow, repository: ModelRepository, own: OwnModels): Promise<CheckedModel> {
  if (row.state === 'refused') return { ...row, golden: null, ok: false };
  try {
    const golden = await checkGolden(await filesOf(row, repository, own), `${row.name}@${row.version}`);
    if (golden === null || golden.holds) return { ...row, golden, ok: true };
    const told = `golden inputs of ${row.name}@${row.version} give other outputs, by ${golden.worst}`;
    return { ...row, golden, ok: false, problem: `${told}: at most ${golden.tolerance} is allowed` };
  } catch (error) {
    if (!(error instanceof InputError) && !(error instanceof InferenceError)) throw error;
    return { ...row, golden: null, ok: false, problem: error.message };
  }
}
