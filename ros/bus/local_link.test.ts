import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { LocalLink } from './local_link.ts';
import { linkFolder } from './local_link_folder.ts';
import { controlFrame, FRAME, messageFrame } from './local_link_frames.ts';

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 5 });
const STATES = { topic: '/states', type: 'a/msg/State', reliability: 'reliable' } as const;

let folder = '';
let open: LocalLink[] = [];
let lines: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'link-'));
  lines = [];
});
afterEach(() => {
  for (const link of open.splice(0)) link.close();
  rmSync(folder, { recursive: true });
});

function linkOf(digit: string, domain = 1): LocalLink {
  const link = new LocalLink(folder, domain, (line) => void lines.push(line));
  open = [...open, link];
  link.start(digit.repeat(24));
  return link;
}

/** Subscribes and keeps what comes: the first byte of each message, `d` where it was drained before. */
function reader(link: LocalLink) {
  const seen: string[] = [];
  const end = link.subscribe(STATES, {
    deliver: (cdr) => void seen.push(`${cdr[0]}`),
    drain: () => void seen.push('d'),
    expect: () => {},
  });
  return { seen, end };
}

const peerOf = (link: LocalLink, digit: string) => link.peers.find(({ participant }) => participant[0] === digit);
const others = (link: LocalLink) => Math.max(0, link.peers.length - 1);

describe('links of one folder', () => {
  it('find each other, tell their subscriptions and changes, and carry messages in order, also to themselves', async () => {
    const [a, b] = [linkOf('a'), linkOf('b')];
    const first = reader(b);
    await eventually(() => expect(peerOf(a, 'b')?.subscriptions.size).toBe(1));
    const second = reader(b);
    await eventually(() => expect(peerOf(a, 'b')?.subscriptions.size).toBe(2));
    const sender = {};
    const image = new Uint8Array(900_000).fill(1);
    peerOf(a, 'b')?.send(sender, [0, 1], image, 10, FRAME.drained);
    peerOf(a, 'b')?.send(sender, [1], Uint8Array.of(2), 10, FRAME.message);
    await eventually(() => expect(second.seen).toEqual(['d', '1', '2']));
    expect(first.seen).toEqual(['d', '1']);
    peerOf(b, 'b')?.send(sender, [0], Uint8Array.of(3), 10, FRAME.message);
    expect(first.seen).toEqual(['d', '1']);
    await eventually(() => expect(first.seen).toEqual(['d', '1', '3']));
    first.end();
    await eventually(() => expect(peerOf(a, 'b')?.subscriptions.size).toBe(1));
    expect(lines).toEqual([]);
  });

  it('make one connection a pair, whoever comes first, and know who has gone', async () => {
    const links = ['a', 'b', 'c', 'd'].map((digit) => linkOf(digit));
    for (const link of links) await eventually(() => expect(others(link)).toBe(3));
    links[3].close();
    for (const link of links.slice(0, 3)) {
      await eventually(() => expect(others(link)).toBe(2));
      expect(link.isDead('d'.repeat(24))).toBe(true);
    }
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it('refuse another domain', async () => {
    const [a, b] = [linkOf('a', 1), linkOf('b', 2)];
    await eventually(() => expect(lines.join()).toMatch(/domain/));
    expect([others(a), others(b)]).toEqual([0, 0]);
  });

  it('clear away what dead processes left', async () => {
    const stale = join(folder, '999999999-00000000.sock');
    writeFileSync(stale, '');
    linkOf('a');
    await eventually(() => expect(readdirSync(folder)).toHaveLength(1));
  });
});

describe('what is odd on a socket', () => {
  const hello = (subscriptions: { id: number; topic: string; type: string; reliability: 'reliable' }[] = []) =>
    controlFrame(FRAME.hello, { version: 1, domain: 1, participant: 'e'.repeat(24), socket: 'x.sock', subscriptions });

  async function stranger(bytes: Uint8Array): Promise<Socket> {
    const [name] = readdirSync(folder).filter((each) => each.endsWith('.sock'));
    const socket = connect(join(folder, name)).on('error', () => {});
    socket.write(bytes);
    socket.resume();
    return socket;
  }
  const closed = (socket: Socket) => eventually(() => expect(socket.closed || socket.readableEnded).toBe(true));

  it('closes that connection alone: random bytes, damaged frames, frames out of turn, subscriptions that never were', async () => {
    const [a, b] = [linkOf('a'), linkOf('b')];
    const { seen } = reader(b);
    reader(a);
    await eventually(() => expect(peerOf(a, 'b')?.subscriptions.size).toBe(1));
    const message = Buffer.concat(messageFrame([9], Uint8Array.of(1), FRAME.message));
    const odd: Uint8Array[] = [
      message,
      Buffer.concat([hello(), hello()]),
      Buffer.concat([hello(), message]),
      Buffer.concat([hello(), Buffer.from([1, 0, 0, 0, FRAME.subscribe, 0])]),
    ];
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(seed, 'rubbish');
      const bytes = seed % 2 === 0 ? Buffer.alloc(64) : Buffer.concat([hello(), message]);
      for (let i = 0; i < (seed % 2 === 0 ? bytes.length : 3); i++) bytes[rng.int(bytes.length)] = rng.int(256);
      odd.push(bytes);
    }
    for (const bytes of odd) {
      const socket = await stranger(bytes);
      await Promise.race([closed(socket), new Promise((resolve) => setTimeout(resolve, 50))]);
      socket.destroy();
    }
    peerOf(a, 'b')?.send({}, [0], Uint8Array.of(7), 10, FRAME.message);
    await eventually(() => expect(seen).toEqual(['7']));
  });

  it('holds up nobody when a peer does not read, and drops its oldest messages', async () => {
    const a = linkOf('a');
    await eventually(() =>
      expect(readdirSync(folder).some((each) => each.endsWith('.sock') && !each.startsWith('.'))).toBe(true),
    );
    const frozen = await stranger(hello([{ id: 0, ...STATES }]));
    frozen.pause();
    await eventually(() => expect(peerOf(a, 'e')?.subscriptions.size).toBe(1));
    const before = process.memoryUsage.rss();
    const sender = {};
    for (let n = 0; n < 3000; n++) peerOf(a, 'e')?.send(sender, [0], new Uint8Array(100_000), 10, FRAME.message);
    expect(peerOf(a, 'e')?.holds(sender)).toBe(true);
    expect(a.stats.dropped).toBeGreaterThan(2900);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200e6);
    frozen.destroy();
    await eventually(() => expect(others(a)).toBe(0));
  });

  it('gives up a peer that lets 64 MiB wait', async () => {
    const a = linkOf('a');
    await eventually(() =>
      expect(readdirSync(folder).some((each) => each.endsWith('.sock') && !each.startsWith('.'))).toBe(true),
    );
    const frozen = await stranger(hello([{ id: 0, ...STATES }]));
    frozen.pause();
    await eventually(() => expect(peerOf(a, 'e')?.subscriptions.size).toBe(1));
    const big = new Uint8Array(10e6);
    for (let n = 0; n < 9; n++) peerOf(a, 'e')?.send({}, [0], big, 10, FRAME.message);
    await eventually(() => expect(others(a)).toBe(0));
    expect(lines.join()).toMatch(/does not read/);
    expect(a.isDead('e'.repeat(24))).toBe(false);
    frozen.destroy();
  });
});

describe('the folder of the sockets', () => {
  it('is the user’s alone, and one for each domain', () => {
    const [one, two] = [linkFolder(1, folder), linkFolder(2, folder)];
    expect(one).not.toBe(two);
    expect(statSync(one).mode & 0o777).toBe(0o700);
    chmodSync(one, 0o755);
    expect(statSync(linkFolder(1, folder)).mode & 0o777).toBe(0o700);
  });

  it('is refused where it is a link, a file or too deep', () => {
    const own = join(folder, `surepick-${process.getuid?.()}`);
    symlinkSync(folder, own);
    expect(() => linkFolder(1, folder)).toThrow(/must be a folder of user/);
    rmSync(own);
    mkdirSync(own);
    writeFileSync(join(own, '1'), '');
    expect(() => linkFolder(1, folder)).toThrow();
    expect(() => linkFolder(1, join(folder, 'x'.repeat(60)))).toThrow(/too long/);
  });
});
