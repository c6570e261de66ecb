import fastify from 'fastify';
import { afterAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { toldState } from '../../test/support/told_states.ts';
import { LiveHistory } from './history.ts';
import { historyRoutes } from './routes.ts';

const history = new LiveHistory(['a', 'b'], () => 0);
for (let k = 1; k <= 50; k++) history.take(toldState(k * 100, k / 100, {}, 2));
history.addPicture('overview', 1000, new Uint8Array([0xff, 0xd8, 1]));
history.addPicture('overview', 2000, new Uint8Array([0xff, 0xd8, 2]));
const heard = { now: true };
const app = fastify();
await app.register(historyRoutes, { history: () => (heard.now ? history : null) });
afterAll(() => app.close());
const get = (url: string) => app.inject({ method: 'GET', url });

describe('requests for the past', () => {
  it('give frames of a span, as many as asked for', async () => {
    const answer = await get('/api/history?from_ms=1000&to_ms=2000');
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    const { frames, joint_names } = answer.json();
    expect(joint_names).toEqual(['a', 'b']);
    expect(frames.map(({ at_ms }: { at_ms: number }) => at_ms)).toEqual(
      Array.from({ length: 11 }, (_, k) => 1000 + 100 * k),
    );
    expect((await get('/api/history?most=7')).json().frames).toHaveLength(7);
    expect((await get('/api/history')).json().frames).toHaveLength(50);
  });

  it('give the picture of a moment with its time, or say that there is none', async () => {
    const answer = await get('/api/history/picture?camera=overview&at_ms=1999');
    expect([answer.statusCode, answer.headers['content-type'], answer.headers['x-at-ms']]).toEqual([
      200,
      'image/jpeg',
      '1000',
    ]);
    expect([...answer.rawPayload]).toEqual([0xff, 0xd8, 1]);
    expect((await get('/api/history/picture?camera=wrist&at_ms=5')).statusCode).toBe(404);
  });

  it('are refused with the field where they cannot be', async () => {
    for (const [url, named] of [
      ['/api/history?from_ms=soon', 'from_ms'],
      ['/api/history?most=0', 'most'],
      ['/api/history?most=100000', 'most'],
      ['/api/history?token=abc', 'token'],
      ['/api/history?from_ms=1&from_ms=2', 'from_ms'],
      ['/api/history/picture?camera=roof&at_ms=1', 'camera'],
      ['/api/history/picture?camera=wrist', 'at_ms'],
    ]) {
      const { statusCode, body } = await get(url);
      expect(statusCode, url).toBe(400);
      expect(body, url).toContain(named);
    }
  });

  it('never fail, whatever they say', async () => {
    const rng = createRng(5);
    const words = [
      'from_ms',
      'to_ms',
      'most',
      'camera',
      'at_ms',
      '=',
      '&',
      '-1',
      '1e300',
      'NaN',
      '%00',
      '[]',
      'wrist',
      '7',
    ];
    for (let k = 0; k < 400; k++) {
      const query = Array.from({ length: rng.int(9) }, () => words[rng.int(words.length)]).join('');
      const url = `/api/history${rng.int(2) === 0 ? '' : '/picture'}?${query}`;
      expect([200, 400, 404], url).toContain((await get(url)).statusCode);
    }
  });

  it('wait for the robot to be heard', async () => {
    heard.now = false;
    expect((await get('/api/history')).statusCode).toBe(503);
    heard.now = true;
  });
});
