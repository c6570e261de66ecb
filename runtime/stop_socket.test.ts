import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../contracts/index.ts';
import { stopFolders } from './stop_folder.ts';
import { requestStops } from './stop_request.ts';
import { StopSocket } from './stop_socket.ts';

const ASK = { stop: 'a test', namespace: null };
let base = '';
let folder = '';
let open: StopSocket[] = [];
const told: string[] = [];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'stops-'));
  folder = join(base, 'surepick');
});
afterEach(async () => {
  for (const socket of open) await socket.close();
  open = [];
  told.length = 0;
  rmSync(base, { recursive: true, force: true });
});

async function arm(namespace: string, stop = (reason: string) => void told.push(`${namespace}: ${reason}`)) {
  const say = (reason: string) => {
    stop(reason);
    return 'stopping';
  };
  const socket = await StopSocket.open({ robot: 'panda', namespace, stop: say }, [folder]);
  open.push(socket);
  return socket;
}

/** What a peer that writes `text` is answered. */
function write(path: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const peer = connect(path, () => peer.write(text));
    peer.setEncoding('utf8').on('data', (more: string) => {
      heard += more;
    });
    peer.on('error', () => {});
    peer.on('close', () => resolve(heard));
  });
}

describe('the socket by which this user stops arms', () => {
  it('lies where the session keeps such, else among temporary files', () => {
    const own = join(tmpdir(), `surepick-${process.getuid?.()}`);
    expect(stopFolders({ XDG_RUNTIME_DIR: '/run/user/7' })).toEqual(['/run/user/7/surepick', own]);
    expect(stopFolders({})).toEqual([own]);
    expect(stopFolders({ XDG_RUNTIME_DIR: 'relative' })).toEqual([own]);
    expect(stopFolders({ XDG_RUNTIME_DIR: `/${'x'.repeat(90)}` })).toEqual([own]);
  });

  it('is open to nobody else, and gone when it is closed', async () => {
    const { path } = await arm('');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await open.pop()?.close();
    expect(existsSync(path)).toBe(false);
  });

  it('stops every arm, and tells each who asked', async () => {
    await arm('/left');
    await arm('/right');
    const replies = await requestStops(ASK, [folder]);
    expect(replies.map(({ answer }) => answer)).toEqual(
      expect.arrayContaining(
        ['/left', '/right'].map((namespace) => ({
          ...{ stopped: true, robot: 'panda', namespace, pid: process.pid, message: 'stopping' },
        })),
      ),
    );
    expect(told.toSorted()).toEqual(['/left: a test', '/right: a test']);
    for (const { answered_s } of replies) expect(answered_s).toBeGreaterThan(0);
  });

  it('leaves arms of other namespaces alone', async () => {
    await arm('/left');
    await arm('/right');
    const replies = await requestStops({ ...ASK, namespace: 'left' }, [folder]);
    expect(replies.map(({ answer }) => answer?.stopped).toSorted()).toEqual([false, true]);
    expect(told).toEqual(['/left: a test']);
  });

  it('says so where the stop fails, and does not claim one', async () => {
    await arm('', () => {
      throw new Error('the supervisor has failed');
    });
    const [{ answer }] = await requestStops(ASK, [folder]);
    expect(answer).toMatchObject({ stopped: false, message: 'the supervisor has failed' });
  });

  it.each(['\n', '{}\n', 'stop\n', '{"stop":1,"namespace":null}\n', `${'x'.repeat(10_000)}`])(
    'refuses what is no request, and goes on: %j',
    async (text) => {
      const { path } = await arm('');
      expect(JSON.parse(await write(path, text))).toMatchObject({ stopped: false });
      expect(told).toEqual([]);
      expect((await requestStops(ASK, [folder]))[0].answer?.stopped).toBe(true);
    },
  );

  it('opens in no folder that others reach into, and none is asked there', async () => {
    await arm('');
    chmodSync(folder, 0o755);
    await expect(arm('')).rejects.toThrow(InputError);
    expect(await requestStops(ASK, [folder, join(base, 'none')])).toEqual([]);
    chmodSync(folder, 0o700);
    expect(await requestStops(ASK, [folder])).toHaveLength(1);
  });

  it('lies in the next folder where the first cannot be had', async () => {
    const file = join(base, 'file');
    writeFileSync(file, '');
    const stop = () => 'stopping';
    const socket = await StopSocket.open({ robot: 'panda', namespace: '', stop }, [file, join(file, 'below'), folder]);
    open.push(socket);
    expect(socket.path.startsWith(`${folder}/`)).toBe(true);
    expect(await requestStops(ASK, [file, join(file, 'below'), folder])).toHaveLength(1);
    await expect(StopSocket.open({ robot: 'panda', namespace: '', stop }, [file])).rejects.toThrow(InputError);
    await expect(StopSocket.open({ robot: 'panda', namespace: '', stop }, [])).rejects.toThrow(InputError);
  });

  it('is nobody where its process is gone; the next one cleans up', async () => {
    const { path } = await arm('');
    const dead = join(folder, 'stop-4194303-1.sock');
    writeFileSync(dead, '');
    const replies = await requestStops(ASK, [folder]);
    expect(replies.map((reply) => [reply.path, reply.answer?.stopped])).toEqual(
      expect.arrayContaining([
        [path, true],
        [dead, undefined],
      ]),
    );
    const other = await arm('');
    expect(readdirSync(folder).map((name) => join(folder, name))).toEqual(expect.arrayContaining([path, other.path]));
    expect(existsSync(dead)).toBe(false);
  });
});
