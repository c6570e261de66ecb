import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeRecordedRun } from '../../test/support/recorded_run.ts';
import { ReplayDesk } from './replay_desk.ts';
import { replayRoutes } from './routes.ts';

const root = mkdtempSync(join(tmpdir(), 'surepick-replay-routes-'));
const desk = new ReplayDesk(root);
const app = fastify();
await app.register(replayRoutes, { replays: { ask: (question) => desk.answer(question), close: async () => {} } });
const get = (url: string) => app.inject({ method: 'GET', url });

beforeAll(() => writeRecordedRun(root, 'run-1', 2));
afterAll(async () => {
  await app.close();
  rmSync(root, { recursive: true });
});

describe('requests for recorded runs', () => {
  it('list them, open one, and give its pictures', async () => {
    const [run] = (await get('/api/runs')).json().runs;
    const at = `/api/runs/${run.name}/${run.episodes[0].name}`;
    const shown = (await get(`${at}?most=20`)).json();
    expect([shown.frames.length, shown.source]).toEqual([20, 'recording']);
    const picture = await get(`${at}/picture?camera=wrist&at_ms=${shown.pictures.wrist[3]}`);
    expect(picture.headers).toMatchObject({ 'content-type': 'image/jpeg', 'x-at-ms': String(shown.pictures.wrist[3]) });
  });

  it('are refused in words where they name nothing that can be shown', async () => {
    for (const url of [
      '/api/runs?folder=/etc',
      '/api/runs/run-1/none.mcap',
      '/api/runs/..%2f..%2fetc/passwd',
      '/api/runs/run-1/..%2f..%2fmanifest.json',
      '/api/runs/run-1/episode-0000.mcap?most=x',
      '/api/runs/run-1/episode-0000.mcap/picture?camera=wrist',
    ]) {
      const { statusCode, body } = await get(url);
      expect([statusCode, JSON.parse(body).error], url).toEqual([400, 'input']);
    }
  });
});
