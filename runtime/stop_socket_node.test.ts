import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { InProcessBus, SILENT_LOG, SimClock } from '../contracts/index.ts';
import { requestStops } from './stop_request.ts';
import { StopSocketNode } from './stop_socket_node.ts';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'stops-'));
  vi.stubEnv('XDG_RUNTIME_DIR', base);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(base, { recursive: true, force: true });
});

async function active(told: string[], errors: string[] = []): Promise<StopSocketNode> {
  const stop = (reason: string) => {
    told.push(reason);
    return 'stopping';
  };
  const node = new StopSocketNode({ robot: 'panda', namespace: '', stop });
  const log = { ...SILENT_LOG, error: (_fields: object, message?: string) => void errors.push(message ?? '') };
  await node.configure({ bus: new InProcessBus(), clock: new SimClock(), log });
  node.activate();
  for (let k = 0; k < 500 && node.diagnostics().stop_socket === 'closed'; k++) await sleep(2);
  return node;
}

it('is there while it is active, and no longer', async () => {
  const told: string[] = [];
  const node = await active(told);
  const { stop_socket: path } = node.diagnostics();
  expect(existsSync(String(path))).toBe(true);
  expect((await requestStops({ stop: 'once', namespace: null }, [join(base, 'surepick')]))[0].answer?.stopped).toBe(
    true,
  );
  node.deactivate();
  await node.cleanup();
  expect(existsSync(String(path))).toBe(false);
  expect(await requestStops({ stop: 'twice', namespace: null }, [join(base, 'surepick')])).toEqual([]);
  expect(told).toEqual(['once']);
});

it('says what is missing where there is no folder for it', async () => {
  const file = join(base, 'surepick');
  writeFileSync(file, '');
  vi.stubEnv('TMPDIR', file);
  const errors: string[] = [];
  const node = await active([], errors);
  expect(errors).toEqual(['surepick safety stop reaches this arm over ROS only']);
  expect(node.diagnostics().stop_socket).toContain('must be a folder of this user');
  node.deactivate();
  await node.cleanup();
});
