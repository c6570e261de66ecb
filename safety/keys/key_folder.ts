import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Where a user's keys are: `$XDG_CONFIG_HOME/surepick/keys`, or below `~/.config` (XDG Base Directory Specification 0.8, by
 * which a relative path there counts as unset).
 */
export function keyFolder(env: Readonly<Record<string, string | undefined>>, home = homedir()): string {
  const config = env.XDG_CONFIG_HOME ?? '';
  return join(isAbsolute(config) ? config : join(home, '.config'), 'surepick', 'keys');
}
