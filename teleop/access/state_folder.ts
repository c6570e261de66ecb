import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * What a server on a port keeps over a restart: `$XDG_STATE_HOME/surepick/teleop/PORT`, or below `~/.local/state` (XDG Base
 * Directory Specification 0.8, by which a relative path there counts as unset).
 */
export function teleopStateFolder(env: Variables, port: number, home = homedir()): string {
  return join(below(env.XDG_STATE_HOME, join(home, '.local', 'state')), String(port));
}

/** Users, certificates and keys of this machine's web view: `$XDG_CONFIG_HOME/surepick/teleop`, or below `~/.config`. */
export function teleopConfigFolder(env: Variables, home = homedir()): string {
  return below(env.XDG_CONFIG_HOME, join(home, '.config'));
}

function below(asked: string | undefined, otherwise: string): string {
  const base = asked !== undefined && isAbsolute(asked) ? asked : otherwise;
  return join(base, 'surepick', 'teleop');
}
