import { InputError } from '../../contracts/index.ts';
import {
  CLASSICAL_MODEL,
  findModel,
  type ModelManifest,
  ModelRepository,
  type ModelSources,
  modelPath,
} from '../../perception/index.ts';
import { changeFacts, type ModelFacts } from './publish.ts';

/**
 * Changes what is told of a model where it is opened from: its manifest, which is pinned again; of a user's own model the
 * signature is taken away.
 * @param model  NAME@VERSION
 * @returns the file that was written
 * @throws InputError for what has no manifest
 */
export async function keepFacts(
  model: string,
  sources: ModelSources,
  change: (facts: ModelManifest) => Partial<ModelFacts>,
): Promise<string> {
  const [name, version] = model.split('@');
  if (model === CLASSICAL_MODEL || version === undefined) {
    throw new InputError(`${model}, which has no manifest`, 'a model of a folder of models, NAME@VERSION');
  }
  const { origin } = await findModel(model, sources);
  const { repository = new ModelRepository(), own = null } = sources;
  const models = origin === 'own' && own !== null ? own : repository;
  await changeFacts(models, { name, version }, change);
  return modelPath(models.folder, name, version, 'manifest.json');
}
