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

/** Fetches the libraries of CUDA and TensorRT, which the npm package does not carry. */
const CUDA_INSTALL = 'node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12';
const REMEDIES: Readonly<Record<string, string>> = {
  cuda: `${CUDA_INSTALL}; needs an NVIDIA driver, CUDA 12 and cuDNN 9`,
  tensorrt: `${CUDA_INSTALL}; needs CUDA as above and TensorRT 10`,
  webgpu: 'needs a GPU with a Vulkan, Metal or Direct3D 12 driver',
};

/**
 * What onnxruntime can run networks on.
 * @param load  gives the providers that onnxruntime was built with; throws when its library cannot be loaded
 * @param probe  runs a network on a provider: empty if that went well, else why not
 */
export async function providerFindings(
  load: () => Promise<readonly Provider[]>,
  probe: (provider: string) => Promise<string>,
): Promise<Finding[]> {
  const base = {
    id: 'onnxruntime',
    name: 'ONNX Runtime',
    needed_for: 'the learned detector (--model classical runs without)',
  };
  let providers: readonly Provider[];
  try {
    providers = await load();
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return [{ ...base, state: 'unusable', found: reason, remedy: 'install again with: npm ci' }];
  }
  const cpu = await probe('cpu');
  const [state, found] = cpu === '' ? (['found', 'runs networks on: cpu'] as const) : (['unusable', cpu] as const);
  const runtime: Finding = { ...base, state, found, remedy: cpu === '' ? '' : 'install again with: npm ci' };
  const others = providers.map(({ name }) => name).filter((name) => name !== 'cpu' && name in REMEDIES);
  const findings: Finding[] = [];
  for (const name of others) {
    const reason = await probe(name);
    findings.push({
      id: `provider_${name}`,
      name: `inference: ${name}`,
      state: reason === '' ? 'found' : 'missing',
      found: reason === '' ? 'runs networks' : '',
      needed_for: `nothing by default; providers: [${name}, cpu] of perception, perceive --ep`,
      remedy: reason === '' ? '' : REMEDIES[name],
    });
  }
  return [runtime, ...findings];
}

/** Runs the shipped network once. WebGPU complains on stderr of every driver that it lacks: it is tried only where there is a GPU. */
export function providerProbe(has_gpu: boolean): (provider: string) => Promise<string> {
  return async (provider) => {
    const { DEFAULT_MODEL, EXECUTION_PROVIDERS, ModelRepository, openInference } = await import(
      '../../perception/index.ts'
    );
    const known = EXECUTION_PROVIDERS.find((name) => name === provider);
    if (known === undefined) return 'not known here';
    if (known === 'webgpu' && !has_gpu) return 'no GPU';
    try {
      const { bytes, manifest } = await new ModelRepository().load(DEFAULT_MODEL);
      const network = await openInference(bytes, manifest, DEFAULT_MODEL, { providers: [known] });
      const state = network.diagnostics()[`provider_${known}`];
      await network.release();
      return state === 'loaded' ? '' : String(state);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
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
