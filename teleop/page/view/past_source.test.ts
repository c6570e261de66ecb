import { describe, expect, it } from 'vitest';
import { loadPast, loadPastPicture, loadRuns } from './past_source.ts';

const past = { joint_names: [], frames: [], statuses: [], scenes: [], events: [], kept: {}, pictures: {} };

function server(answer: Response) {
  const asked: string[] = [];
  const ask = async (path: string) => {
    asked.push(path);
    return answer;
  };
  return { ask, asked };
}

describe('the past that a server gives', () => {
  it('is asked for by names that cannot lead elsewhere', async () => {
    const { ask, asked } = server(Response.json(past));
    await loadPast(ask, { run: '../a b', episode: 'x/y?z' });
    expect(asked[0]).toMatch(/^\/api\/runs\/\.\.%2Fa%20b\/x%2Fy%3Fz\?most=\d+$/);
  });
  it('is refused with what the server says', async () => {
    const { ask } = server(Response.json({ error: 'input', text: 'no such run' }, { status: 400 }));
    await expect(loadPast(ask, null)).rejects.toThrow('no such run');
  });
  it('is refused where the answer is something else', async () => {
    for (const body of ['<html>', '[]', 'null', '{"frames":1}']) {
      await expect(loadPast(server(new Response(body)).ask, null), body).rejects.toThrow('no history');
      await expect(loadRuns(server(new Response(body)).ask), body).rejects.toThrow('no list of runs');
    }
    await expect(loadPast(server(new Response('', { status: 502 })).ask, null)).rejects.toThrow('502');
  });
  it('has pictures as they are', async () => {
    const { ask, asked } = server(new Response('jpeg'));
    expect(await (await loadPastPicture(ask, null, 'wrist', 12.5)).text()).toBe('jpeg');
    expect(asked).toEqual(['/api/history/picture?camera=wrist&at_ms=12.5']);
    await expect(loadPastPicture(server(new Response('', { status: 404 })).ask, null, 'wrist', 1)).rejects.toThrow(
      '404',
    );
  });
});
