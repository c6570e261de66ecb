import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from '@foxglove/rosmsg';
import { MessageReader } from '@foxglove/rosmsg2-serialization';
import foxglove, { type Channel } from '@foxglove/ws-protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import {
  CAMERAS,
  type ColourImage,
  InProcessBus,
  SimClock,
  TOPICS,
  type Topic,
  withoutSecrets,
} from '../../contracts/index.ts';
import { rosSamples } from '../../test/support/ros_samples.ts';
import { wallClock_ms } from '../../test/support/wall_clock.ts';
import { FoxgloveServer } from './foxglove_server.ts';

const APP = { origin: 'https://app.foxglove.dev' };
let folder = '';
let server: FoxgloveServer;
let bus: InProcessBus;
let clock: SimClock;
let refused: string[];
const opened: WebSocket[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foxglove '));
  [bus, clock, refused] = [new InProcessBus(), new SimClock(), []];
  const onRefused = (reason: string) => void refused.push(reason);
  server = await FoxgloveServer.start({ bus, clock, port: 0, folder, now_ms: wallClock_ms, onRefused });
});
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.terminate();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function socketOf(subprotocols: string[], headers: Record<string, string> = APP, url = server.url): WebSocket {
  const socket = new WebSocket(url.replace('localhost', '127.0.0.1'), subprotocols, {
    headers: { host: `localhost:${server.port}`, ...headers },
  });
  opened.push(socket);
  return socket;
}

/** The library's client, its channels by topic, and its messages as somebody else's reader has them. */
async function clientOf(socket = socketOf(['foxglove.sdk.v1'])) {
  const client = new foxglove.FoxgloveClient({
    ws: socket as unknown as ConstructorParameters<typeof foxglove.FoxgloveClient>[0]['ws'],
  });
  const info = new Promise<{ capabilities: string[] }>((resolve) => client.on('serverInfo', resolve));
  const channels = await new Promise<Channel[]>((resolve) => client.on('advertise', resolve));
  const byTopic = new Map(channels.map((channel) => [channel.topic, channel]));
  const heard: { topic: string; timestamp: bigint; message: unknown }[] = [];
  const topics = new Map<number, Channel>();
  const statuses: string[] = [];
  client.on('status', ({ message }) => statuses.push(message));
  client.on('message', ({ subscriptionId, timestamp, data }) => {
    const channel = topics.get(subscriptionId);
    if (channel === undefined) throw new Error(`message of no subscription: ${subscriptionId}`);
    const reader = new MessageReader(parse(channel.schema, { ros2: true }));
    heard.push({ topic: channel.topic, timestamp, message: reader.readMessage(data) });
  });
  const subscribe = (topic: string) => {
    const channel = byTopic.get(topic);
    if (channel === undefined) throw new Error(`no channel ${topic}`);
    const id = client.subscribe(channel.id);
    topics.set(id, channel);
    return id;
  };
  /** Resolves when the server has heard all that was said: it answers what it refuses. */
  const settled = async () => {
    const before = statuses.length;
    socket.send('{}');
    await until(() => statuses.length > before);
  };
  return { client, info: await info, byTopic, heard, statuses, subscribe, settled };
}

/** Whether a socket opens; else why the server let it not in. */
async function outcomeOf(socket: WebSocket): Promise<string> {
  return new Promise((resolve) => {
    socket.on('open', () => resolve(socket.protocol));
    socket.on('error', () => resolve('refused'));
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}

/** One drawn message of every topic. */
function publishAll(): void {
  const samples = rosSamples(1);
  const cameras = Object.values(CAMERAS).flatMap((camera) => Object.values(camera));
  for (const topic of [...Object.values(TOPICS), ...cameras] as readonly Topic<unknown>[])
    bus.publish(topic, samples.draw(topic.schema));
}

const picture = (size: number, stamp_ns: bigint): ColourImage => ({
  ...{ stamp_ns, frame_id: 'camera', width: size, height: size, data: noise(size * size * 3) },
});
function noise(count: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(count);
  for (let i = 0, x = 1; i < count; i++) {
    x = (x * 1103515245 + 12345) >>> 0;
    data[i] = x >>> 16;
  }
  return data;
}

describe('topics for Foxglove', () => {
  it('come by either subprotocol, read by the libraries of others', async () => {
    for (const subprotocol of ['foxglove.sdk.v1', 'foxglove.websocket.v1']) {
      const { info, byTopic, heard, subscribe, client, settled } = await clientOf(socketOf([subprotocol]));
      expect(info.capabilities).toEqual([]);
      for (const topic of byTopic.keys()) subscribe(topic);
      await settled();
      publishAll();
      const missing = () => [...byTopic.keys()].filter((topic) => !heard.some((one) => one.topic === topic));
      await until(() => missing().length === 0).catch(() => {});
      expect(missing()).toEqual([]);
      const state = heard.find(({ topic }) => topic === '/safety/state')?.message;
      expect(state).toMatchObject({ mode: expect.any(Number), reasons: expect.any(Array) });
      const colour = heard.find(({ topic }) => topic.endsWith('/compressed'))?.message;
      expect(colour).toMatchObject({ format: 'jpeg' });
      client.close();
    }
  });

  it('are read from the bus only while somebody reads them here', async () => {
    const { subscribe, client, settled } = await clientOf();
    expect(bus.subscribers(TOPICS.joint_states)).toBe(0);
    const id = subscribe('/joint_states');
    await until(() => bus.subscribers(TOPICS.joint_states) === 1);
    const other = await clientOf();
    other.subscribe('/joint_states');
    await other.settled();
    client.unsubscribe(id);
    await settled();
    expect(bus.subscribers(TOPICS.joint_states)).toBe(1);
    other.client.close();
    await until(() => bus.subscribers(TOPICS.joint_states) === 0);
  });

  it('that keep their last messages reach who comes late', async () => {
    for (let i = 0; i < 3; i++) bus.publish(TOPICS.tf_static, { stamp_ns: BigInt(i), transforms: [] });
    for (let i = 0; i < 2; i++) {
      const { heard, subscribe } = await clientOf();
      subscribe('/tf_static');
      await until(() => heard.length === 3);
    }
  });

  it('are lost to none but the slow: one that takes nothing delays no other', async () => {
    const slow = await clientOf();
    const quick = await clientOf();
    for (const { subscribe } of [slow, quick]) {
      subscribe('/joint_states');
      subscribe('/camera/color/image_raw/compressed');
    }
    await Promise.all([slow.settled(), quick.settled()]);
    const paused = opened[0];
    paused.pause();
    const joints = {
      names: ['a'],
      position: Float64Array.of(0),
      velocity: Float64Array.of(0),
      effort: Float64Array.of(0),
    };
    const pictures = () => quick.heard.filter(({ topic }) => topic.includes('compressed')).length;
    const states = () => quick.heard.filter(({ topic }) => topic === '/joint_states').length;
    let sent = 0;
    for (let i = 0; i < 20; i++) {
      bus.publish(CAMERAS.overview.colour, picture(400, BigInt(i)));
      for (let j = 0; j < 5; j++) bus.publish(TOPICS.joint_states, { stamp_ns: BigInt(sent++), ...joints });
      await until(() => pictures() > i);
    }
    await until(() => states() === sent);
    paused.resume();
    const last = () => slow.heard.filter(({ topic }) => topic === '/joint_states').at(-1)?.message;
    // What it gets then is late, and yet the newest.
    const newest = { header: { stamp: { sec: 0, nanosec: sent - 1 } } };
    await vi.waitFor(() => expect(last()).toMatchObject(newest), 10_000);
  });
});

describe('who asks for them', () => {
  it('is let in as Foxglove of this user, or by the token, which no answer and no log shows', async () => {
    const file = join(folder, 'foxglove.token');
    const token = readFileSync(file, 'utf8').trim();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(withoutSecrets(`a ${token} b`)).toBe('a [secret] b');
    expect(await outcomeOf(socketOf(['foxglove.websocket.v1']))).toBe('foxglove.websocket.v1');
    expect(await outcomeOf(socketOf(['foxglove.sdk.v1', `surepick.token.${token}`], {}))).toBe('foxglove.sdk.v1');
  });

  it('is turned away as another page, by another name, without a token or with one in the URL', async () => {
    const token = readFileSync(join(folder, 'foxglove.token'), 'utf8').trim();
    const both = ['foxglove.sdk.v1'];
    const tries = [
      socketOf(both, { origin: 'https://evil.org' }),
      socketOf(both, { ...APP, host: `evil.org:${server.port}` }),
      socketOf(both, {}),
      socketOf([...both, `surepick.token.${token.slice(1)}`], {}),
      socketOf(both, APP, `${server.url}/?token=${token}`),
      socketOf([`surepick.token.${token}`], {}),
    ];
    expect(await Promise.all(tries.map(outcomeOf))).toEqual(tries.map(() => 'refused'));
    expect(refused.sort()).toEqual(['host', 'origin', 'path', 'subprotocol', 'token', 'token']);
    expect(JSON.stringify(refused)).not.toContain(token);
  });

  it('can change nothing, and what is no request does no harm', async () => {
    const { statuses, client, heard, subscribe } = await clientOf();
    const [socket] = opened;
    client.advertise({ topic: '/servo/jog', encoding: 'json', schemaName: 'x' });
    client.setParameters([{ name: 'a', value: 1 }]);
    for (const data of ['', '{', '[]', Buffer.alloc(100), Buffer.of(1, 0, 0, 0, 0, 1, 2, 3)]) socket.send(data);
    await until(() => statuses.filter((text) => text.includes('read-only')).length === 7);
    expect(bus.subscribers(TOPICS.servo_jog)).toBe(0);
    subscribe('/tf_static');
    bus.publish(TOPICS.tf_static, { stamp_ns: 1n, transforms: [] });
    await until(() => heard.length === 1);
  });

  it('is put out for too large a message or too many, and others are served', async () => {
    const other = await clientOf();
    const [large, many] = [socketOf(['foxglove.sdk.v1']), socketOf(['foxglove.sdk.v1'])];
    expect(await Promise.all([large, many].map(outcomeOf))).toEqual(['foxglove.sdk.v1', 'foxglove.sdk.v1']);
    const closed = Promise.all(
      [large, many].map((socket) => new Promise<number>((resolve) => socket.on('close', resolve))),
    );
    large.send('x'.repeat(100_000));
    for (let i = 0; i < 500; i++) many.send('{}');
    expect(await closed).toEqual([1009, 1008]);
    other.subscribe('/tf_static');
    bus.publish(TOPICS.tf_static, { stamp_ns: 1n, transforms: [] });
    await until(() => other.heard.length === 1);
  });

  it('is one of eight at most', async () => {
    for (let i = 0; i < 8; i++) expect(await outcomeOf(socketOf(['foxglove.sdk.v1']))).toBe('foxglove.sdk.v1');
    expect(await outcomeOf(socketOf(['foxglove.sdk.v1']))).toBe('refused');
    opened[0].close();
    await until(() => opened[0].readyState === WebSocket.CLOSED);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await outcomeOf(socketOf(['foxglove.sdk.v1']))).toBe('foxglove.sdk.v1');
  });
});
