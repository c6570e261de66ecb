import { InputError, ownModelsFolder } from '../../contracts/index.ts';
import { findModel, type ModelSources, OwnModels } from '../../perception/index.ts';
import { ModelKeyTrust } from '../../safety/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The user's own models, trusted by the user's keys. @param folder  by default as `ownModelsFolder` says */
export function ownModels(env: Environment, folder: string = ownModelsFolder(env)): OwnModels {
  return new OwnModels(folder, new ModelKeyTrust(env));
}

/** Both roots of trust: the shipped models by their hashes, the user's own by the user's keys. */
export function modelSources(env: Environment): Pick<ModelSources, 'own' | 'unsigned'> {
  return { own: ownModels(env), unsigned: 'note' };
}

/** What people should know of a model before it is used; empty for nothing, and for one that whoever opens it will refuse. */
export async function modelNote(reference: string, env: Environment): Promise<string> {
  if (reference === 'classical') return '';
  try {
    return (await findModel(reference, modelSources(env))).note;
  } catch (error) {
    if (error instanceof InputError) return '';
    throw error;
  }
}
