import { describe, expect, it } from 'vitest';
import { teleopConfigFolder, teleopStateFolder } from './state_folder.ts';

describe('folders of the web view', () => {
  it('are where the user keeps state and configuration, one of state a port', () => {
    const env = { XDG_STATE_HOME: '/var/own', XDG_CONFIG_HOME: '/etc/own' };
    expect(teleopStateFolder(env, 8080, '/home/ada')).toBe('/var/own/surepick/teleop/8080');
    expect(teleopConfigFolder(env, '/home/ada')).toBe('/etc/own/surepick/teleop');
    for (const value of [undefined, '', 'relative']) {
      const unset = { XDG_STATE_HOME: value, XDG_CONFIG_HOME: value };
      expect(teleopStateFolder(unset, 8080, '/home/ada')).toBe('/home/ada/.local/state/surepick/teleop/8080');
      expect(teleopConfigFolder(unset, '/home/ada')).toBe('/home/ada/.config/surepick/teleop');
    }
  });
});
