import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findWebGpu } from '../../sim/index.ts';
import { fakeRosPrefix } from '../../test/support/ros_prefix.ts';
import { gpuFinding, providerFindings, providerProbe, webGpuFinding } from './accelerator.ts';
import type { Finding, Machine } from './finding.ts';
import { memoryFinding, nodeFinding } from './host.ts';
import { examine, findingsTable } from './index.ts';
import { browserFinding, PYTHON_PEERS, pythonFindings, rosFinding } from './peers.ts';

const BARE: Machine = {
  env: {},
  platform: 'linux',
  arch: 'x64',
  node_version: '22.1.0',
  which: () => null,
  output: () => null,
  list: () => [],
  exists: () => false,
};

function helpful(finding: Finding): boolean {
  return finding.state === 'found' || finding.remedy.length > 10;
}

describe('doctor', () => {
  it('names a remedy for everything that a bare machine lacks', () => {
    const findings = [
      gpuFinding(BARE),
      rosFinding({ ...BARE, env: { SUREPICK_ROS_HOME: '/nowhere' } }),
      browserFinding(BARE, '/nowhere'),
      ...pythonFindings(BARE, '/none'),
      memoryFinding(1e9, 1e8),
    ];
    expect(findings.map(({ state }) => state)).toEqual(['missing', 'missing', 'missing', 'missing', 'limited']);
    expect(findings.filter((finding) => !helpful(finding))).toEqual([]);
  });

  it('says of a place where ROS 2 cannot be built what to name instead', () => {
    const { state, remedy } = rosFinding({ ...BARE, env: { SUREPICK_ROS_HOME: '/with a space' } });
    expect(state).toBe('missing');
    expect(remedy).toContain('SUREPICK_ROS_HOME must be an absolute path without spaces');
  });

  it('takes Node 20.19 to 24 and nothing else', () => {
    const state = (node_version: string) => nodeFinding({ ...BARE, node_version }).state;
    expect(['20.19.0', '22.0.0', '24.9.1'].map(state)).toEqual(['found', 'found', 'found']);
    expect(['18.20.0', '20.18.3', '25.0.0'].map(state)).toEqual(['unusable', 'unusable', 'unusable']);
  });

  it('tells a sourced ROS 2 from one that is only installed, and both from one that only a variable names', () => {
    const prefix = mkdtempSync(join(tmpdir(), 'ros-prefix-'));
    const home = { SUREPICK_ROS_HOME: join(prefix, 'home') };
    const installed = { ...BARE, list: () => ['jazzy'], exists: () => true, env: home };
    expect(rosFinding(installed)).toMatchObject({ state: 'limited', remedy: 'source /opt/ros/jazzy/setup.sh' });
    const sourced = { ...installed, env: { ...home, ROS_DISTRO: 'jazzy', AMENT_PREFIX_PATH: prefix } };
    expect(rosFinding(sourced)).toMatchObject({ state: 'limited', remedy: 'source /opt/ros/jazzy/setup.sh' });
    fakeRosPrefix(prefix);
    expect(rosFinding(sourced)).toMatchObject({
      state: 'limited',
      found: expect.stringContaining('jazzy 9.2.8 (sourced'),
      remedy: expect.stringContaining('surepick ros setup'),
    });
  });

  it('asks Python for the versions of the peers and says which are absent', () => {
    const peers = Object.fromEntries(PYTHON_PEERS.map((name) => [name, name === 'ruckig' ? null : '1.0']));
    const machine = { ...BARE, which: () => '/bin/python3', output: () => JSON.stringify({ python: '3.12.1', peers }) };
    const [python, packages] = pythonFindings(machine, '/none');
    expect(python).toMatchObject({ state: 'found', found: '3.12.1' });
    expect(packages).toMatchObject({ state: 'limited', found: expect.not.stringContaining('ruckig') });
    expect(packages.remedy).toContain('npm test');
  });

  it('says why inference cannot run', async () => {
    const broken = () => Promise.reject(new Error('libonnxruntime.so.1: cannot open\nmore'));
    const findings = await providerFindings(broken, async () => '');
    expect(findings[0]).toMatchObject({ state: 'unusable', found: 'libonnxruntime.so.1: cannot open' });
  });

  it('tells of each execution provider whether a network runs on it, and in one line how to get it', async () => {
    const providers = ['cpu', 'webgpu', 'cuda', 'tensorrt'].map((name) => ({ name, bundled: name === 'cpu' }));
    const probe = async (name: string) => (name === 'cpu' || name === 'webgpu' ? '' : 'no library');
    const findings = await providerFindings(async () => providers, probe);
    expect(findings.map(({ id, state }) => [id, state])).toEqual([
      ['onnxruntime', 'found'],
      ['provider_webgpu', 'found'],
      ['provider_cuda', 'missing'],
      ['provider_tensorrt', 'missing'],
    ]);
    expect(findings[2].remedy).toMatch(/^node node_modules\/onnxruntime-node\/script\/install\.js .*=cuda12; needs/);
    expect(await providerProbe(false)('cpu')).toBe('');
    expect(await providerProbe(false)('webgpu')).toBe('no GPU');
    expect(await providerProbe(false)('coreml')).toBe('not known here');
  });

  it('says how to get WebGPU where its package is not installed', async () => {
    const finding = await webGpuFinding(() => findWebGpu('no-such-webgpu'));
    expect(finding).toMatchObject({
      state: 'missing',
      found: '',
      remedy: 'npm install --no-save webgpu@0.6.2 (51 MB)',
    });
  });

  it('finds this machine fit for the main job', async () => {
    const findings = await examine(process.cwd());
    expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
    expect(findings.filter(({ state }) => state === 'unusable')).toEqual([]);
    expect(findings.filter((finding) => !helpful(finding))).toEqual([]);
    expect(findingsTable(findings)).toContain('ONNX Runtime');
  });
});
