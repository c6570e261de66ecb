import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { cli, type Ended, lastJson, startCli } from '../../test/support/cli.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { freshDomain, rosForTests } from '../../test/support/ros.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-ros-setup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LIMIT_MS = 1_800_000;
const unsourced = { AMENT_PREFIX_PATH: '', ROS_DISTRO: '' };
const setupJson = z.object({ kind: z.string(), steps: z.array(z.object({ label: z.string(), took_s: z.number() })) });

/** Where a setup is killed: when it has said this. */
const KILLS = [/fetch rclnodejs: /, /install the wheels of ROS 2: /, /build .*_msgs: /, /build surepick_msgs: /];

async function exchanges(env: Readonly<Record<string, string>>): Promise<Ended> {
  return cli(['ros', 'doctor'], folder, { ...env, ROS_DOMAIN_ID: String(freshDomain()) });
}

describe('surepick ros setup from nothing', () => {
  it(
    'goes on where it was killed, never does a finished step again, and makes a ROS 2 that works',
    async (ctx) => {
      const found = await rosForTests();
      requirePeer(ctx, 'ros', 'missing' in found ? found.missing : '', 'env' in found);
      const env = { ...unsourced, SUREPICK_ROS_HOME: join(folder, 'killed') };
      const finished: string[] = [];
      for (const kill of KILLS) {
        const running = startCli(['ros', 'setup', '--yes'], folder, env);
        await running.said(kill);
        running.signal('SIGKILL');
        finished.push(...stepsIn((await running.ended).stderr));
      }
      const last = await cli(['ros', 'setup', '--yes', '--json'], folder, env);
      expect(last.code, last.stderr).toBe(0);
      const { kind, steps } = lastJson(last, setupJson);
      finished.push(...steps.map(({ label }) => label));
      expect(kind).toBe('wheels');
      expect(finished.length).toBe(new Set(finished).size);
      const doctor = await exchanges(env);
      expect(doctor.code, doctor.stdout).toBe(0);
      rmSync(join(folder, 'killed'), { recursive: true });
    },
    LIMIT_MS,
  );

  it(
    'works from a checkout whose path has a space, in the cache of the user',
    async (ctx) => {
      const found = await rosForTests();
      requirePeer(ctx, 'ros', 'missing' in found ? found.missing : '', 'env' in found);
      const checkout = join(folder, 'a check out');
      mkdirSync(checkout);
      for (const name of ['package.json', '.npmrc', 'dist', 'ros'])
        cpSync(join(PACKAGE_ROOT, name), join(checkout, name), { recursive: true });
      for (const name of ['node_modules', 'robots', 'models'])
        symlinkSync(join(PACKAGE_ROOT, name), join(checkout, name));
      const env = { ...unsourced, XDG_CACHE_HOME: join(folder, 'cache') };
      const entry = join(checkout, 'dist', 'cli', 'main.js');
      const setup = await cli(['ros', 'setup', '--yes', '--json'], folder, env, entry);
      expect(setup.code, setup.stderr).toBe(0);
      expect(lastJson(setup, setupJson).steps.map(({ label }) => label)).toContain('build surepick_msgs');
      const doctor = await cli(['ros', 'doctor'], folder, { ...env, ROS_DOMAIN_ID: String(freshDomain()) }, entry);
      expect(doctor.code, doctor.stdout).toBe(0);
    },
    LIMIT_MS,
  );

  it(
    'says in one line that there is no network, of pip and of npm',
    async (ctx) => {
      const found = await rosForTests();
      requirePeer(ctx, 'ros', 'missing' in found ? found.missing : '', 'env' in found);
      const nowhere = 'http://127.0.0.1:9/';
      const pip = { PIP_INDEX_URL: nowhere, PIP_EXTRA_INDEX_URL: '', PIP_FIND_LINKS: '', PIP_NO_INDEX: '' };
      const npm = { npm_config_registry: nowhere, npm_config_cache: join(folder, 'npm') };
      for (const [name, settings] of Object.entries({ pip, npm })) {
        const env = { ...unsourced, ...settings, SUREPICK_ROS_HOME: join(folder, `no-${name}`) };
        const { code, stderr } = await cli(['ros', 'setup', '--yes'], folder, env);
        const errors = stderr.split('\n').filter((line) => line.startsWith('error'));
        expect({ code, errors }).toEqual({
          code: 1,
          errors: [expect.stringMatching(`^error: ${name} cannot reach its`)],
        });
      }
    },
    LIMIT_MS,
  );
});

/** Labels of the steps that a setup said it had finished. */
function stepsIn(stderr: string): string[] {
  return [...stderr.matchAll(/^(.+): [\d.]+ s$/gm)].map((match) => match[1]);
}
