import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { McapIndexedReader } from '@mcap/core';
import fastify from 'fastify';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InProcessBus, noteSecret, SimClock, TOPICS } from '../../contracts/index.ts';
import { openDataset, readRecording, summarizeRecording, verifyDataset } from '../../datasets/index.ts';
import { publishEpisode, syntheticDetections } from '../../test/support/synthetic_episode.ts';
import { RecordingHistory } from '../replays/recording_history.ts';
import { checkBundle, isBundle } from './check_bundle.ts';
import { FlightRecorder } from './flight_recorder.ts';
import { Incidents } from './incidents.ts';
import { incidentRoutes } from './routes.ts';

const PLANTED = {
  /** As sessions make them. */
  token: 'q7Lw2ZrT0xYbN4mC8vKjH1sGfD6aPeUo3iWt9RkMnBc',
  code: 'Zk3mQ9xW1vB7nT5rY2cLpHdG',
  password: 'correct horse battery staple',
};
const root = mkdtempSync(join(tmpdir(), 'surepick-incidents-'));
const folder = join(root, 'incidents');
const audit = join(root, 'cell.audit.jsonl');
const [bus, clock] = [new InProcessBus(), new SimClock()];
const robot_ns = () => clock.now_ns();
const now_ms = () => Number(clock.now_ns() / 1_000_000n);
const WINDOW_MS = 4000;
const limits = { window_ms: WINDOW_MS, bytes: 8 << 20, slab_bytes: 64 << 10 };
const recorder = new FlightRecorder({ bus, robot_ns, now_ms, limits });
const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xd9]);
const incidents = new Incidents({
  ...{ folder, recorder, now_ms, date: () => new Date('2026-01-02T03:04:05Z') },
  facts: {
    world: { kind: 'simulation', robot: 'panda', name: 'panda' },
    versions: { surepick: '0.1.0' },
    urdf: () => '<robot name="panda"/>',
    pictures: () => [{ camera: 'overview', jpeg }],
    audits: async () => [audit],
  },
});
const WHO = { user: 'ana', role: 'operator', session: 's-AbCd1234Ef5g' };
let name = '';

beforeAll(async () => {
  recorder.start();
  bus.publish(TOPICS.robot_description, { data: '<robot name="panda"/>' });
  await bus.settled();
  noteSecret(PLANTED.password);
  const drawn = { seed: 1, seconds: 7, colour_noise: 0, depth_noise_m: 0 };
  let pictured_ms = 0;
  await publishEpisode(bus, clock, drawn, async () => {
    await bus.settled();
    if (now_ms() - pictured_ms < 100) return;
    pictured_ms = now_ms();
    recorder.addPicture('overview', robot_ns(), new Uint8Array([...jpeg, pictured_ms & 0xff]));
    incidents.log.add(JSON.stringify({ time: now_ms(), msg: `turn ${pictured_ms}` }));
  });
  recorder.note('mark', 'the box slipped');
  incidents.log.add(`{"url":"/api/x?token=${PLANTED.token}","header":"Bearer ${PLANTED.token}"}`);
  incidents.log.add(`http://localhost:80/#t=${PLANTED.code} and ${PLANTED.password}`);
  incidents.deeds.add(`{"deed":"login","code":"${PLANTED.code}"}`);
  writeFileSync(audit, `{"s":1,"who":"${PLANTED.token}"}\n`);
  name = await incidents.write({ note: `The box slipped! ${PLANTED.token}`, ...WHO });
}, 240_000);
afterAll(() => {
  recorder.stop();
  rmSync(root, { recursive: true });
});

const within = (file: string) => join(folder, name, file);
const recording = () => within(`episodes/${name}.mcap`);

describe('an incident bundle', () => {
  it('is a folder named by time and note, with everything in it and the hash of each file', () => {
    expect(name).toBe('20260102-030405-the-box-slipped-secret');
    expect(readdirSync(folder)).toEqual([name]);
    const bundle = JSON.parse(readFileSync(within('bundle.json'), 'utf8'));
    expect(bundle).toMatchObject({
      ...{ schema: 'surepick/incident', name, note: 'The box slipped! [secret]', by: WHO },
      ...{ world: { kind: 'simulation', robot: 'panda' }, versions: { surepick: '0.1.0' } },
    });
    const files = ['audit.jsonl', 'deeds.jsonl', `episodes/${name}.mcap`, 'log.jsonl', 'overview.jpg', 'manifest.json'];
    expect(bundle.files.map((file: { name: string }) => file.name)).toEqual(files);
    for (const file of bundle.files) {
      const content = readFileSync(within(file.name));
      expect([file.bytes, file.sha256]).toEqual([content.length, createHash('sha256').update(content).digest('hex')]);
    }
  });

  it('has the last minute as a valid MCAP: that of another reader, and ours', async () => {
    const handle = await open(recording());
    const { size } = await handle.stat();
    const read = async (offset: bigint, length: bigint) => {
      const piece = new Uint8Array(Number(length));
      await handle.read(piece, 0, piece.length, Number(offset));
      return piece;
    };
    const reader = await McapIndexedReader.Initialize({ readable: { size: async () => BigInt(size), read } });
    await handle.close();
    const counts = new Map(
      [...reader.channelsById.values()].map(({ id, topic }) => [
        topic,
        Number(reader.statistics?.channelMessageCounts.get(id) ?? 0n),
      ]),
    );
    expect(counts.get('/joint_states')).toBe(WINDOW_MS / 10 + 1);
    expect(counts.get('/camera/color/image_raw/compressed')).toBeGreaterThanOrEqual(WINDOW_MS / 100);
    const messages = readRecording(recording());
    let [last_ns, total] = [0n, 0];
    for await (const { log_ns, topic } of messages) {
      expect(log_ns >= last_ns, topic).toBe(true);
      last_ns = log_ns;
      total++;
    }
    expect(messages.end.complete).toBe(true);
    expect(total).toBe(reader.statistics === undefined ? -1 : Number(reader.statistics.messageCount));
    const { start_ns, end_ns } = await summarizeRecording(recording());
    expect(Number(end_ns - start_ns) / 1e6).toBe(WINDOW_MS);
  });

  it('has what was told before and still holds', async () => {
    const topics = new Map<string, number>();
    for await (const { topic } of readRecording(recording(), ['/tf_static', '/robot_description', '/rosout']))
      topics.set(topic, (topics.get(topic) ?? 0) + 1);
    expect(Object.fromEntries(topics)).toEqual({ '/tf_static': 1, '/robot_description': 1, '/rosout': 1 });
  });

  it('opens as a run and as the past', async () => {
    const { index } = await openDataset(join(folder, name));
    expect(index.episodes).toMatchObject([{ outcome: { success: null, reason: 'The box slipped! [secret]' } }]);
    const past = await RecordingHistory.read(recording(), name);
    const cut = past.query({ from_ms: 0, to_ms: 1e15, most: 600 });
    expect(cut.pictures.overview.length).toBeGreaterThan(15);
    expect(cut.events.at(-1)).toMatchObject({ kind: 'note', text: 'mark: the box slipped' });
  });

  it('is found whole, and every change to it is found by name', async () => {
    const copy = join(root, 'copy');
    cpSync(join(folder, name), copy, { recursive: true });
    expect(isBundle(copy)).toBe(true);
    expect(await checkBundle(copy)).toEqual([]);
    const { findings } = await verifyDataset(copy, { trusted: [], checkRun: checkBundle, now: '2026-01-02T03:04:05Z' });
    expect(findings).toEqual([]);
    const log = readFileSync(join(copy, 'log.jsonl'), 'utf8');
    writeFileSync(join(copy, 'log.jsonl'), log.replace('turn', 'burn'));
    writeFileSync(join(copy, 'overview.jpg'), '');
    writeFileSync(join(copy, 'episodes', 'more.txt'), 'x');
    rmSync(join(copy, 'audit.jsonl'));
    const told = (await checkBundle(copy)).map(({ place, detail }) => `${place} ${detail}`);
    expect(told.sort()).toEqual([
      'audit.jsonl is named by bundle.json and not there',
      'episodes/more.txt is not named by bundle.json',
      'log.jsonl is not as it was written: its SHA-256 is not the one in bundle.json',
      'overview.jpg has 0 bytes, and bundle.json says 4',
    ]);
    writeFileSync(join(copy, 'bundle.json'), '{"schema":"surepick/incident","version":1}');
    await expect(checkBundle(copy)).rejects.toThrow(/bundle\.json: files/);
    rmSync(copy, { recursive: true });
  });

  it('is offered as a ZIP with the same bytes, and nothing else is', async () => {
    const app = fastify();
    await app.register(incidentRoutes, { incidents });
    const answer = await app.inject({ method: 'GET', url: `/api/incidents/${name}.zip` });
    expect(answer.headers['content-type']).toBe('application/zip');
    const files = unzipSync(answer.rawPayload);
    expect(Object.keys(files).sort()[0]).toBe(`${name}/audit.jsonl`);
    for (const [file, content] of Object.entries(files))
      expect(Buffer.compare(content, readFileSync(join(folder, file))), file).toBe(0);
    expect((await app.inject({ method: 'GET', url: '/api/incidents' })).json()).toEqual({ incidents: [name] });
    for (const other of ['none.zip', '..%2fcell.audit.jsonl', `..%2f..%2f${name}.zip`, name, '.zip'])
      expect((await app.inject({ method: 'GET', url: `/api/incidents/${other}` })).statusCode, other).toBe(404);
    await app.close();
  });

  it('has no secret in it', async () => {
    for (const { name: file } of JSON.parse(readFileSync(within('bundle.json'), 'utf8')).files) {
      const content = readFileSync(within(file)).toString('latin1');
      for (const [what, secret] of Object.entries(PLANTED))
        expect(content.includes(secret), `${what} in ${file}`).toBe(false);
    }
    expect(readFileSync(within('log.jsonl'), 'utf8')).toContain('[secret]');
    const { metadata } = await summarizeRecording(recording());
    expect(JSON.stringify([...metadata])).not.toContain(PLANTED.token);
  });

  it('has the log of its minute only', () => {
    const turns = readFileSync(within('log.jsonl'), 'utf8').match(/turn (\d+)/g) ?? [];
    expect(turns.length).toBeGreaterThanOrEqual(WINDOW_MS / 100);
    expect(turns.length).toBeLessThanOrEqual(WINDOW_MS / 100 + 1);
  });

  it('is written once at a time, and under a name of its own', async () => {
    const [one, other] = await Promise.allSettled([1, 2].map(() => incidents.write({ note: '', ...WHO })));
    expect([one.status, other.status]).toEqual(['fulfilled', 'rejected']);
    const again = await incidents.write({ note: '', ...WHO });
    expect(await incidents.names()).toEqual(
      [name, '20260102-030405-incident-2', '20260102-030405-incident'].sort().reverse(),
    );
    expect(again).toBe('20260102-030405-incident-2');
    bus.publish(TOPICS.detections, syntheticDetections(robot_ns()));
  });

  it('that cannot be written says so and leaves nothing', async () => {
    writeFileSync(join(root, 'file'), '');
    const nowhere = new Incidents({
      ...{ folder: join(root, 'file'), recorder, now_ms, date: () => new Date() },
      facts: {
        ...{ world: { kind: 'simulation', robot: 'panda', name: 'panda' }, versions: {} },
        ...{ urdf: () => '', pictures: () => [], audits: async () => [] },
      },
    });
    await expect(nowhere.write({ note: '', ...WHO })).rejects.toThrow(/file/);
  });
});
