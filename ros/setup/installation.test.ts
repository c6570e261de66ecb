import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cacheFolder, PACKAGE_ROOT } from '../../contracts/index.ts';
import { fakeRosPrefix } from '../../test/support/ros_prefix.ts';
import { rosBase } from './base.ts';
import { baseFinding } from './examine.ts';
import { findRos, partsOf, type RosInstallation, rosEnvironment, withoutSharedMemory } from './installation.ts';
import { DONE, rosHome, type Variables } from './places.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-ros-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const home = { SUREPICK_ROS_HOME: join(folder, 'home') };

/** The environment of a user who sourced a ROS, whose files are there. */
function sourced(distro: string, version = '9.2.8'): Variables {
  const prefix = join(folder, distro);
  fakeRosPrefix(prefix, version);
  return { ...home, ROS_DISTRO: distro, AMENT_PREFIX_PATH: `${join(folder, 'overlay')}:${prefix}`, PATH: '/bin' };
}

/** Marks every part of an installation as made, and returns it. */
function complete(env: Variables): RosInstallation {
  const { base, packages, built, classes } = partsOf(rosBase(env));
  for (const part of [base.core, built, classes, ...packages.map(({ prefix }) => prefix)]) {
    mkdirSync(join(part, 'lib', 'python3.12', 'site-packages'), { recursive: true });
    writeFileSync(join(part, DONE), '');
  }
  const found = findRos(env);
  if ('missing' in found) throw new Error(found.missing);
  return found;
}

describe('the ROS 2 to run on', () => {
  it('is the sourced one if its files are there, and the wheels if only variables name one', () => {
    expect(rosBase(sourced('jazzy'))).toMatchObject({ kind: 'sourced', distro: 'jazzy', version: '9.2.8' });
    const named = { ...home, ROS_DISTRO: 'jazzy', AMENT_PREFIX_PATH: '/opt/ros/no-such-distro' };
    expect(rosBase(named)).toMatchObject({ kind: 'wheels', distro: 'jazzy' });
    expect(rosBase(home).kind).toBe('wheels');
  });

  it('says what of it is tested', () => {
    expect(baseFinding(rosBase(sourced('jazzy')))).toMatchObject({ state: 'found' });
    for (const distro of ['humble', 'kilted', 'lyrical']) {
      expect(baseFinding(rosBase(sourced(distro)))).toMatchObject({
        state: 'limited',
        found: expect.stringContaining('not tested here'),
      });
    }
  });

  it('keeps what it builds apart by distribution, version and overlays', () => {
    const folders = [
      sourced('jazzy'),
      sourced('kilted'),
      sourced('humble', '5.3.9'),
      sourced('humble', '5.3.10'),
      home,
    ];
    expect(new Set(folders.map((env) => partsOf(rosBase(env)).base.folder)).size).toBe(3 + 1);
    expect(partsOf(rosBase(sourced('humble', '5.3.9'))).base.folder).not.toBe(
      partsOf(rosBase(sourced('humble', '5.3.10'))).base.folder,
    );
  });

  it('is not there before every part is made, and says which is missing', () => {
    const env = { ...home, SUREPICK_ROS_HOME: join(folder, 'stepwise') };
    expect(findRos(env)).toMatchObject({ missing: expect.stringContaining('surepick ros setup') });
    const { classes, packages, built } = partsOf(rosBase(env));
    complete(env);
    for (const [part, words] of [
      [classes, 'message classes'],
      [packages[0].prefix, packages[0].name],
      [built, 'rclnodejs'],
    ]) {
      rmSync(join(part, DONE));
      expect(findRos(env)).toMatchObject({ missing: expect.stringContaining(words) });
    }
  });

  it('brings only the interface packages that a sourced one lacks', () => {
    const names = (env: Variables) => partsOf(rosBase(env)).packages.map(({ name }) => name);
    const env = sourced('kilted');
    const all = readdirSync(join(PACKAGE_ROOT, 'ros', 'packages')).sort();
    expect(names(env).sort()).toEqual(all);
    mkdirSync(join(folder, 'overlay', 'share', 'control_msgs'), { recursive: true });
    expect(names(env).sort()).toEqual(all.filter((name) => name !== 'control_msgs'));
    const order = names(env);
    expect(order.indexOf('vision_msgs')).toBeLessThan(order.indexOf('surepick_msgs'));
  });
});

describe('the variables of a process that uses ROS', () => {
  const ros = complete(home);

  it('put ours before what is there, each path once, however often they are applied', () => {
    const before = { ...home, PATH: '/bin:/usr/bin', LD_LIBRARY_PATH: '/my/lib', PYTHONPATH: '/my/python' };
    const once = rosEnvironment(ros, before);
    expect(rosEnvironment(ros, { ...before, ...once })).toEqual(once);
    expect(once.LD_LIBRARY_PATH.split(':').at(-1)).toBe('/my/lib');
    expect(once.AMENT_PREFIX_PATH.split(':')).toEqual(ros.prefixes);
    expect(once.PATH.split(':')).toEqual([join(dirname(once.PATH.split(':')[0]), 'bin'), '/bin', '/usr/bin']);
    expect(once).toMatchObject({ ROS_DISTRO: 'jazzy', RMW_IMPLEMENTATION: 'rmw_fastrtps_cpp' });
    expect(once.SUREPICK_RCLNODEJS).toMatch(/\/node_modules\/rclnodejs$/);
    expect(existsSync(once.FASTRTPS_DEFAULT_PROFILES_FILE)).toBe(true);
  });

  it('find the same installation again from inside', () => {
    expect(findRos({ ...home, ...rosEnvironment(ros, home) })).toEqual(ros);
  });

  it('keep the Fast DDS profile that a user chose, and the middleware of a sourced ROS', () => {
    const chosen = { FASTRTPS_DEFAULT_PROFILES_FILE: '/my/profile.xml', RMW_IMPLEMENTATION: 'rmw_cyclonedds_cpp' };
    expect(rosEnvironment({ ...ros, kind: 'sourced' }, chosen)).toMatchObject(chosen);
    expect(rosEnvironment(ros, chosen).RMW_IMPLEMENTATION).toBe('rmw_fastrtps_cpp');
  });
});

describe('the folder of the setup', () => {
  it('is one that make can work in, or the user hears why not', () => {
    for (const path of ['/a b', 'relative', '/a:b']) {
      expect(() => rosHome({ SUREPICK_ROS_HOME: path })).toThrow(/SUREPICK_ROS_HOME must be an absolute path/);
    }
    expect(rosHome({})).toBe(cacheFolder('ros', {}));
    expect(rosHome({ SUREPICK_CACHE: '/a b', HOME: '/home/me' })).toMatch(
      /^\/home\/me\/\.cache\/surepick\/ros-[0-9a-f]{8}$/,
    );
  });

  it('leaves shared memory out for processes that may be killed, unless the user chose how to talk', () => {
    const ros = complete({ ...home, SUREPICK_ROS_HOME: join(folder, 'transports') });
    const ours = withoutSharedMemory(rosEnvironment(ros, {}));
    for (const name of ['FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE']) {
      const profile = readFileSync(ours[name], 'utf8');
      expect(profile).toContain('<type>UDPv4</type>');
      expect(profile).not.toContain('<type>SHM</type>');
    }
    const chosen = rosEnvironment(ros, { FASTRTPS_DEFAULT_PROFILES_FILE: '/a', FASTDDS_DEFAULT_PROFILES_FILE: '/b' });
    expect(withoutSharedMemory(chosen)).toEqual(chosen);
  });
});
