import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ArmOverBus } from '../test/support/arm_over_bus.ts';
import { linearPolicy } from '../test/support/task_policies.ts';
import { openSession, TeleopClient } from '../test/support/teleop_client.ts';
import { TeleopProcess } from '../test/support/teleop_process.ts';
import type { EscalationsMessage, PoliciesMessage, SceneMessage } from './protocol/index.ts';

const PATIENCE_MS = 30_000;
/** What a stall of the machine spoils is tried again. */
const TRIES = { retry: 2, timeout: 120_000 };
/** Slower than this the arm rests, in every joint (rad/s). */
const AT_REST = 0.002;
const UNSURE = { name: 'unsure', confidence: { name: 'sure', temperature: 1, ask_below: 0.5 } };
const file_of = (folder: string, name: string) => join(folder, `${name}.onnx`);

const folder = mkdtempSync(join(tmpdir(), 'surepick-page-policies-'));
let teleop: TeleopProcess;
let arm: ArmOverBus;
let page: TeleopClient;
let alive: NodeJS.Timeout;

beforeAll(async () => {
  const policies = { sure: linearPolicy(1), unsure: linearPolicy(1, UNSURE, { logit: -1 }) };
  const args = Object.entries(policies).flatMap(([name, { bytes, manifest }]) => {
    writeFileSync(file_of(folder, name), bytes);
    writeFileSync(join(folder, `${name}.manifest.json`), JSON.stringify(manifest));
    return ['--policy', `onnx:${file_of(folder, name)}`];
  });
  teleop = await TeleopProcess.start(args);
  const session = await openSession(teleop.url);
  arm = await ArmOverBus.open(teleop.runtime_dir);
  page = await TeleopClient.connect(session);
  alive = setInterval(() => page.closed === '' && page.alive(), 250);
  await page.until(() => scene().objects.length > 0, 'objects', PATIENCE_MS);
}, 2 * PATIENCE_MS);
afterAll(async () => {
  clearInterval(alive);
  page?.close();
  arm?.close();
  expect(await teleop?.stop()).toBe(130);
  rmSync(folder, { recursive: true, force: true });
});

const scene = () => (page.newest.get('scene') ?? { objects: [] }) as SceneMessage;
const offered = () => (page.newest.get('policies') as PoliciesMessage | undefined)?.policies ?? [];
const asked = () => (page.newest.get('escalations') as EscalationsMessage | undefined)?.open ?? [];
const task = () => page.frame?.task;

/** In control of a robot that may move: what a stall of the machine has stopped is reset. */
async function ready(): Promise<void> {
  if (page.frame?.lease.yours !== true) await page.takeControl();
  if (page.frame?.safety?.latched === true) await page.ask({ type: 'reset' });
  await page.until(() => page.frame?.safety?.latched === false, 'a robot that was reset', PATIENCE_MS);
}

/** Presses, and presses anew where a busy machine's state was too old for it. */
async function press(asked: Parameters<TeleopClient['ask']>[0]): Promise<void> {
  for (let tries = 1; ; tries++) {
    await ready();
    const reply = await page.ask(asked);
    if (reply.ok || tries === 8) return expect(reply).toMatchObject({ ok: true, reason: '' });
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Home first, where policies begin. */
async function start(name: string): Promise<void> {
  if (task()?.kind === 'policy') await press({ type: 'cancel' });
  await idle();
  await press({ type: 'go', to: 'home' });
  await idle();
  const [{ class: kind, colour }] = scene().objects;
  const { model_sha256 = '' } = offered().find((one) => one.name === name) ?? {};
  await press({ type: 'policy', model_sha256, object: { class: kind, colour }, place: placeName() });
}
const placeName = () => page.welcome?.places[0]?.name ?? '';
const moving = () => arm.until(({ speed_rad_s }) => speed_rad_s > 10 * AT_REST, 'motion', PATIENCE_MS);
const resting = () => arm.until(({ speed_rad_s }) => speed_rad_s < AT_REST, 'rest', PATIENCE_MS);
/** By a state that was made after what was pressed last. */
async function idle(): Promise<void> {
  const { tick } = page;
  await page.until(() => page.tick > tick + 1 && task()?.kind === 'none', 'the end of a motion', PATIENCE_MS);
}

it('policies of the command line are offered, with what they are told, their hash and whether they ask', () => {
  expect(offered()).toMatchObject([
    { name: 'linear', told: 'state', ask_below: 0, task: 'pick-place', rate_hz: 25, refusal: '' },
    { name: 'unsure', told: 'state', ask_below: 0.5, refusal: '' },
  ]);
});

it(
  'one press moves the arm; it is paused, goes on, and rests when it is taken over, without a latched stop',
  TRIES,
  async () => {
    await start('linear');
    await moving();
    await page.until(() => task()?.policy !== undefined && task()?.stage !== 'policy', 'its progress', PATIENCE_MS);
    expect(task()).toMatchObject({ kind: 'policy', policy: { name: 'linear', confidence: null } });
    await press({ type: 'pause' });
    await resting();
    await press({ type: 'continue' });
    await moving();
    await press({ type: 'cancel' });
    await idle();
    await resting();
    expect(page.frame?.safety?.latched).toBe(false);
  },
);

it('an unsure one holds and asks on a card; a yes lets it go on, and Stop ends it, latched', TRIES, async () => {
  await start('unsure');
  await page.until(() => asked().length === 1, 'its question', PATIENCE_MS);
  await resting();
  const [{ id, options, frame_sha256, model, picture, question }] = asked();
  expect([options, model, picture]).toEqual([['go on', 'skip'], 'unsure@1', true]);
  expect(question).toContain('sure by 0.27, below 0.5');
  await page.until(() => task()?.kind === 'policy' && task()?.stage === 'ask', 'what it waits for');
  const answered = await page.ask({ type: 'answer', escalation: id, answer: 'go on', frame_sha256, model });
  expect(answered).toMatchObject({ ok: true });
  await moving();
  const stop = await page.armStop();
  stop.send(JSON.stringify({ type: 'stop', id: 1, pressed_ms: 0, handled_ms: 0 }));
  await page.until(() => page.frame?.safety?.latched === true, 'a latched stop', PATIENCE_MS);
  await resting();
  await idle();
  expect(task()).toMatchObject({ kind: 'none', stage: 'safety' });
});
