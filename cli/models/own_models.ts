import { ownModelsFolder } from '../../contracts/index.ts';
import { OwnModels } from '../../perception/index.ts';
import { ModelKeyTrust } from '../../safety/index.ts';

/** The user's own models, trusted by the user's keys. @param folder  by default the user's own */
export function ownModels(folder: string = ownModelsFolder(process.env)): OwnModels {
  return new OwnModels(folder, new ModelKeyTrust(process.env));
}
