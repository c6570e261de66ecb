import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import type { TestContext } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { requirePeer } from './peer.ts';
import { pythonEnvironment } from './python.ts';
import { readAll } from './recording.ts';

const PACKAGES = { rosbags: ['rosbags==0.11.9'], mcap: ['mcap==1.6.0', 'mcap-ros2-support==0.6.0'] } as const;
const SUPPORT = join(PACKAGE_ROOT, 'test', 'support');
const listed = z.array(z.tuple([z.string(), z.string(), z.string(), z.string()]));

/** Topic, type, log time (ns) and SHA-256 of the bytes of each message. */
export type ListedMessage = z.infer<typeof listed>[number];

export interface Ur5Bag {
  readonly storage?: 'sqlite3' | 'mcap';
  readonly version?: 8 | 9;
  readonly compression?: 'none' | 'file' | 'message' | 'storage';
  readonly layout?: 'rosbags' | 'humble';
  readonly write_ahead?: boolean;
  readonly seconds?: number;
  /** Silence in the middle. */
  readonly gap_s?: number;
  readonly seed?: number;
}

/** 2026-01-02, so that stamps are of a real clock. */
const START_NS = 1_767_323_045_000_000_000;

/** An interpreter with rosbags or mcap, or the test is skipped. */
export async function bagPeer(ctx: TestContext, name: keyof typeof PACKAGES): Promise<string> {
  const environment = await pythonEnvironment(name, PACKAGES[name]);
  requirePeer(ctx, name, 'missing' in environment ? environment.missing : '', 'python' in environment);
  return 'python' in environment ? environment.python : '';
}

/** Writes bags of a UR5 with rosbags, each into a new folder, and returns their messages as they were written. */
export async function writeUr5Bags(
  python: string,
  bags: readonly (Ur5Bag & { readonly folder: string })[],
): Promise<ListedMessage[][]> {
  const [{ folder }] = bags;
  const jpegs = [0, 1, 2].map((k) => `${folder}-${k}.jpg`);
  for (const [k, path] of jpegs.entries()) {
    const background = { r: 80 * k, g: 120, b: 60 };
    await sharp({ create: { width: 64, height: 48, channels: 3, background } })
      .jpeg()
      .toFile(path);
  }
  const usual = { storage: 'sqlite3', version: 9, seconds: 1, start_ns: START_NS, jpegs };
  const packages = join(PACKAGE_ROOT, 'ros', 'packages');
  writeFileSync(`${folder}.json`, JSON.stringify(bags.map((bag) => ({ ...usual, packages, ...bag }))));
  return output(python, 'write_ur5_bag.py', `${folder}.json`);
}

/** What a Python package sees in bags. */
export async function listBags(
  python: string,
  by: keyof typeof PACKAGES,
  paths: readonly string[],
): Promise<ListedMessage[][]> {
  return output(python, 'list_bag.py', by, ...paths);
}

/** The same of a recording, by our reader. */
export async function listRecording(file: string): Promise<ListedMessage[]> {
  const { messages, end } = await readAll(file);
  if (!end.complete) throw new Error(`${file}: ${end.reason}`);
  return messages.map(({ topic, type, log_ns, data }) => [
    topic,
    type,
    String(log_ns),
    createHash('sha256').update(data).digest('hex'),
  ]);
}

/** In order of log time, those of one time as they stood. */
export function byTime(messages: readonly ListedMessage[]): ListedMessage[] {
  return [...messages].sort(([, , a], [, , b]) => (BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0));
}

async function output(python: string, script: string, ...args: string[]): Promise<ListedMessage[][]> {
  const { stdout } = await promisify(execFile)(python, [join(SUPPORT, script), ...args], { maxBuffer: 1 << 28 });
  return z.array(listed).parse(JSON.parse(stdout));
}
