import { expect, it } from 'vitest';
import { InputError } from './errors.ts';
import { ownModelsFolder } from './models_folder.ts';

it("is the user's data folder, or the one that is asked for", () => {
  expect(ownModelsFolder({}, '/home/ada')).toBe('/home/ada/.local/share/surepick/models');
  expect(ownModelsFolder({ XDG_DATA_HOME: 'relative' }, '/home/ada')).toBe('/home/ada/.local/share/surepick/models');
  expect(ownModelsFolder({ XDG_DATA_HOME: '/data' }, '/home/ada')).toBe('/data/surepick/models');
  expect(ownModelsFolder({ XDG_DATA_HOME: '/data', SUREPICK_MODELS: '/own' }, '/home/ada')).toBe('/own');
  expect(() => ownModelsFolder({ SUREPICK_MODELS: 'own' })).toThrow(InputError);
});
