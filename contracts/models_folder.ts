import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { InputError } from './errors.ts';

/**
 * Where a user's own models are: `SUREPICK_MODELS`; else `$XDG_DATA_HOME/surepick/models`, or below `~/.local/share` (XDG Base
 * Directory Specification 0.8, by which a relative path there counts as unset).
 *
 * @throws InputError when SUREPICK_MODELS is no absolute path
 */
export function ownModelsFolder(env: Readonly<Record<string, string | undefined>>, home = homedir()): string {
  const asked = env.SUREPICK_MODELS ?? '';
  if (asked !== '') {
    if (!isAbsolute(asked)) throw new InputError(`SUREPICK_MODELS=${asked}`, 'an absolute path');
    return asked;
  }
  const data = env.XDG_DATA_HOME ?? '';
  return join(isAbsolute(data) ? data : join(home, '.local', 'share'), 'surepick', 'models');
}
