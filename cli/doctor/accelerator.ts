import type { WebGpuState } from '../../sim/index.ts';
import type { Finding, Machine } from './finding.ts';

/** An execution provider as onnxruntime lists it; a bundled one needs no further library. */
export interface Provider {
  readonly name: string;
  readonly bundled: boolean;
}

export function gpuFinding(machine: Machine): Finding {
  const listed = machine.which('nvidia-smi')
    ? machine.output('nvidia-smi', ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'], 10)
    : null;
  const nvidia = listed?.trim().split('\n').join('; ') ?? '';
  const render = machine.list('/dev/dri').filter((name) => name.startsWith('renderD'));
  const found = nvidia || (render.length > 0 ? `render nodes: ${render.join(', ')}` : '');
  return {
    id: 'gpu',
    name: 'GPU',
    state: found === '' ? 'missing' : 'found',
    found,
    needed_for: 'nothing by default; speeds up inference',
    remedy: found === '' ? 'not needed: everything runs on the CPU' : '',
  };
}

/** @param load gives the providers that onnxruntime was built with; throws when its library cannot be loaded */
export async function providerFindings(load: () => Promise<readonly Provider[]>): Promise<Finding[]> {
  const base = {
    id: 'onnxruntime',
    name: 'ONNX Runtime',
    needed_for: 'the learned detector (--model classical runs without)',
  };
  try {
    const providers = await load();
    const bundled = providers.filter((provider) => provider.bundled).map((provider) => provider.name);
    const others = providers.filter((provider) => !provider.bundled).map((provider) => provider.name);
    return [
      {
        ...base,
        state: bundled.includes('cpu') ? 'found' : 'unusable',
        found: `execution providers: ${bundled.join(', ')}`,
        remedy:
          others.length === 0 ? '' : `${others.join(', ')}: libraries of their own, see onnxruntime.ai/docs/install`,
      },
    ];
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return [{ ...base, state: 'unusable', found: reason, remedy: 'install again with: npm ci' }];
  }
}

/** The providers of the onnxruntime-node that is installed. */
export async function installedProviders(): Promise<readonly Provider[]> {
  const { listSupportedBackends } = await import('onnxruntime-node');
  return listSupportedBackends();
}

/** @param find looks for an adapter */
export async function webGpuFinding(find: () => Promise<WebGpuState>): Promise<Finding> {
  const { adapter, name, remedy } = await find();
  return {
    id: 'webgpu',
    name: 'WebGPU',
    state: adapter === null ? 'missing' : 'found',
    found: name,
    needed_for: 'nothing by default; draws pictures on a GPU',
    remedy,
  };
}
