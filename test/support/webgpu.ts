import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompressSync } from 'node:zlib';
import { cacheFolder, PACKAGE_ROOT } from '../../contracts/index.ts';
import { findWebGpu, WEBGPU_PACKAGE } from '../../sim/render/webgpu/adapter.ts';

const run = promisify(execFile);
const FOLDER = join(cacheFolder('webgpu'), WEBGPU_PACKAGE);
const MODULE = join(FOLDER, 'node_modules', 'webgpu');

/**
 * An adapter for tests: the machine's, else SwiftShader, the software Vulkan that the tests' Chromium carries. Installs
 * the package once under .cache.
 * @returns a string with the remedy where there is none
 */
export async function adapterForTests(): Promise<GPUAdapter | string> {
  if (!existsSync(FOLDER)) {
    const reason = await install().catch((error: unknown) => String(error).split('\n')[0]);
    if (typeof reason === 'string') return `let npm install ${WEBGPU_PACKAGE} (${reason})`;
  }
  const module = join(MODULE, 'index.js');
  const own = await findWebGpu(module);
  if (own.adapter !== null) return own.adapter;
  const icd = join(FOLDER, 'vk_swiftshader_icd.json');
  if (existsSync(icd)) process.env.VK_ICD_FILENAMES = icd;
  const { adapter, remedy } = await findWebGpu(module);
  return adapter ?? remedy;
}

/** Into a folder of its own, then renamed, so that workers of one test run may do so at the same time. */
async function install(): Promise<void> {
  mkdirSync(cacheFolder('webgpu'), { recursive: true });
  const own = mkdtempSync(join(cacheFolder('webgpu'), 'new-'));
  try {
    writeFileSync(join(own, 'package.json'), '{}');
    const flags = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', WEBGPU_PACKAGE];
    await run('npm', flags, { cwd: own, timeout: 120_000 });
    if (process.platform === 'linux' && process.arch === 'x64') await unpackSwiftShader(own);
    renameSync(own, FOLDER);
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    if (!existsSync(FOLDER)) throw error;
  }
}

/** Dawn finds the Vulkan loader beside its own library. */
async function unpackSwiftShader(folder: string): Promise<void> {
  const chromium = join(PACKAGE_ROOT, 'node_modules', '@sparticuz', 'chromium');
  const packed = readFileSync(join(chromium, 'bin', 'swiftshader.tar.br'));
  writeFileSync(join(folder, 'swiftshader.tar'), brotliDecompressSync(packed));
  await run('tar', ['xf', 'swiftshader.tar'], { cwd: folder });
  const beside = join(folder, 'node_modules', 'webgpu', 'dist', 'linux-x64', 'libvulkan.so.1');
  copyFileSync(join(folder, 'libvulkan.so.1'), beside);
}
