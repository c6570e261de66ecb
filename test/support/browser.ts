import { execFile } from 'node:child_process';
import {
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { cacheFolder, PACKAGE_ROOT } from '../../contracts/index.ts';

const SYSTEM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Quiet, without sandbox (tests run as root in containers), and without any connection of its own. */
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--font-render-hinting=none',
];

/** WebGL drawn by software, where there is no graphics card, and pages put together without it, as browsers do there. */
export const WEBGL_FLAGS = [
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  '--disable-gpu-compositing',
];

interface Installed {
  readonly executable: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A headless Chromium: the system's, else the one that @sparticuz/chromium carries, unpacked once under .cache.
 * @param flags  in place of the one that turns the graphics card off
 */
export async function launchBrowser(flags: readonly string[] = ['--disable-gpu']): Promise<Browser> {
  const { executable, env } = (await systemBrowser()) ?? (await carriedBrowser());
  return chromium.launch({
    executablePath: join(PACKAGE_ROOT, 'test', 'support', 'ordinary_browser.sh'),
    args: [...FLAGS, ...flags],
    // Where the environment names no language the browser would tell pages one that is none.
    env: { ...definedEnvironment(), LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8', ...env, BROWSER: executable },
  });
}

const WITHOUT_WEBGL = ['--disable-gpu', '--disable-3d-apis'];
const shared = new Map<string, Promise<Browser>>();

/** As launchBrowser, one for all test files of a worker; it ends with the process. Whoever opens a context closes it. */
export async function sharedBrowser(flags: readonly string[] = WITHOUT_WEBGL): Promise<Browser> {
  const key = flags.join(' ');
  const known = shared.get(key);
  if (known !== undefined && (await known).isConnected()) return known;
  const launched = launchBrowser(flags);
  shared.set(key, launched);
  return launched;
}

/** The one that is taken before the one that the checkout carries; null for none. */
export async function systemBrowser(): Promise<Installed | null> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of SYSTEM_NAMES) {
      const executable = join(folder, name);
      const usable = await access(executable, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (usable) return { executable, env: {} };
    }
  }
  return null;
}

async function carriedBrowser(): Promise<Installed> {
  const { version } = JSON.parse(
    readFileSync(join(PACKAGE_ROOT, 'node_modules', '@sparticuz', 'chromium', 'package.json'), 'utf8'),
  ) as { version: string };
  const cache = cacheFolder('chromium');
  const folder = join(cache, version);
  if (!existsSync(folder)) await unpack(cache, folder);
  return {
    executable: join(folder, 'chromium'),
    env: {
      LD_LIBRARY_PATH: [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH ?? '']
        .filter(Boolean)
        .join(delimiter),
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
    },
  };
}

/** Unpacks into a folder of its own and renames it, so that workers of one test run may do so at the same time. */
async function unpack(cache: string, folder: string): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const own = mkdtempSync(`${folder}-`);
  const script = "import c from '@sparticuz/chromium'; await c.executablePath();";
  // The package unpacks into TMPDIR, and its libraries only where it believes to be on the platform it is made for.
  const env = { ...process.env, TMPDIR: own, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' };
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: PACKAGE_ROOT, env });
  const fonts = `<dir>${join(folder, 'fonts')}</dir><cachedir>${join(folder, 'font-cache')}</cachedir>`;
  writeFileSync(
    join(own, 'fonts.conf'),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${fonts}</fontconfig>\n`,
  );
  try {
    renameSync(own, folder);
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
