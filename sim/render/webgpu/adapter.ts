/// <reference types="@webgpu/types" />
import { InputError } from '../../../contracts/index.ts';

/** The npm package with Dawn for Node, which is not a dependency: 51 MB that only machines with a GPU have use for. */
export const WEBGPU_PACKAGE = 'webgpu@0.6.2';

interface Dawn {
  create(options: readonly string[]): GPU;
  readonly globals: Readonly<Record<string, unknown>>;
}

/** What this machine has for WebGPU; `adapter` is null where there is none, and `remedy` says what would bring one. */
export interface WebGpuState {
  readonly adapter: GPUAdapter | null;
  /** Vendor, architecture and driver; empty without an adapter. */
  readonly name: string;
  readonly remedy: string;
}

/** Dawn's adapters and devices do not keep their instance alive. */
const instances: GPU[] = [];

/**
 * Looks for an adapter.
 * @param module  path or name of the package
 */
export async function findWebGpu(module = 'webgpu'): Promise<WebGpuState> {
  let dawn: unknown;
  try {
    dawn = await import(module);
  } catch {
    return { adapter: null, name: '', remedy: `npm install --no-save ${WEBGPU_PACKAGE} (51 MB)` };
  }
  if (!isDawn(dawn)) {
    return { adapter: null, name: '', remedy: `the module ${module} is not Dawn for Node: install ${WEBGPU_PACKAGE}` };
  }
  for (const [name, value] of Object.entries(dawn.globals)) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  const gpu = dawn.create([]);
  instances.push(gpu);
  const adapter = await gpu.requestAdapter();
  if (adapter === null) {
    return {
      adapter,
      name: '',
      remedy: 'no adapter: install a driver for Vulkan (Linux), Metal (macOS) or D3D12 (Windows)',
    };
  }
  const { vendor, architecture, description } = adapter.info;
  return { adapter, name: [vendor, architecture, description].filter(Boolean).join(', '), remedy: '' };
}

/** @throws InputError with the remedy where there is no adapter */
export async function requireWebGpu(module = 'webgpu'): Promise<GPUAdapter> {
  const { adapter, remedy } = await findWebGpu(module);
  if (adapter === null) throw new InputError('WebGPU', remedy);
  return adapter;
}

function isDawn(module: unknown): module is Dawn {
  return typeof module === 'object' && module !== null && 'create' in module && 'globals' in module;
}
