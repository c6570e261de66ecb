import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { EPISODES_FOLDER, MANIFEST_NAME, type Manifest, type McapAttachment, manifest } from '../../datasets/index.ts';
import type { PictureCamera, World } from '../protocol/index.ts';
import { filesOf, sha256Of } from './bundle_files.ts';
import { BUNDLE_NAME } from './check_bundle.ts';
import type { FlightRecorder } from './flight_recorder.ts';
import { LineRing } from './line_ring.ts';
import { struckOut } from './struck_out.ts';

/** What a bundle says of where it comes from. */
export interface IncidentFacts {
  readonly world: World;
  readonly versions: Readonly<Record<string, string>>;
  /** Description of the robot, URDF; empty where it was not heard. */
  readonly urdf: () => string;
  /** Newest picture of each camera, JPEG. */
  readonly pictures: () => readonly { readonly camera: PictureCamera; readonly jpeg: Uint8Array }[];
  /** Audit logs (files of JSON lines) whose newest lines go along. */
  readonly audits: () => Promise<readonly string[]>;
}

export interface IncidentsOptions {
  /** Where bundles go, each a folder. */
  readonly folder: string;
  readonly recorder: FlightRecorder;
  readonly facts: IncidentFacts;
  /** A clock that does not go back, ms. */
  readonly now_ms: () => number;
  /** Wall clock. */
  readonly date: () => Date;
}

export interface Incident {
  readonly note: string;
  readonly user: string;
  readonly role: string;
  readonly session: string;
}

/** Bundles in one folder: beyond it somebody has to look at them first. */
const MOST_BUNDLES = 100;
/** Of the end of an audit log, bytes. */
const AUDIT_TAIL = 4 << 20;
const NAME = /^\d{8}-\d{6}-[a-z0-9-]{1,40}$/;

/** The last minute as a folder for those who look into what happened: recording, log, deeds, audit and pictures. */
export class Incidents {
  /** Lines of the server's log, and of who did what. */
  readonly log: LineRing;
  readonly deeds: LineRing;
  private readonly options: IncidentsOptions;
  private writing = false;

  constructor(options: IncidentsOptions) {
    this.options = options;
    this.log = new LineRing(options.now_ms, options.recorder.window_ms);
    this.deeds = new LineRing(options.now_ms, options.recorder.window_ms);
  }

  /** Memory that is accounted for, bytes. */
  get bytes(): number {
    return this.options.recorder.bytes + this.log.bytes + this.deeds.bytes;
  }

  /** Writes a bundle and gives its name. Throws an InputError where it cannot be written now. */
  async write(incident: Incident): Promise<string> {
    if (this.writing) throw new InputError('incident bundle', 'another one is being written; it has the same minute');
    this.writing = true;
    try {
      return await this.writeFolder(incident);
    } finally {
      this.writing = false;
    }
  }

  /** Names of the bundles there are, the newest first. */
  async names(): Promise<readonly string[]> {
    const { folder } = this.options;
    if (!existsSync(folder)) return [];
    return (await readdir(folder))
      .filter((name) => NAME.test(name))
      .sort()
      .reverse();
  }

  /** The folder of a bundle; null for a name that is none. */
  async folderOf(name: string): Promise<string | null> {
    return (await this.names()).includes(name) ? join(this.options.folder, name) : null;
  }

  private async writeFolder(incident: Incident): Promise<string> {
    const { folder, date, now_ms } = this.options;
    const names = await this.names();
    if (names.length >= MOST_BUNDLES)
      throw new InputError(`${names.length} incident bundles in ${folder}`, 'move some elsewhere first');
    const note = struckOut(incident.note);
    const name = freeName(nameOf(date(), note), names);
    const part = join(folder, `${name}.part`);
    const from_ms = now_ms() - this.options.recorder.window_ms;
    await mkdir(join(part, EPISODES_FOLDER), { recursive: true, mode: 0o700 });
    try {
      await this.writeTexts(part, from_ms);
      for (const { camera, jpeg } of this.options.facts.pictures()) await writeFile(join(part, `${camera}.jpg`), jpeg);
      await this.writeRecording(part, name, { ...incident, note });
      await this.writeFacts(part, name, { ...incident, note });
      await rename(part, join(folder, name));
    } catch (error) {
      await rm(part, { recursive: true, force: true });
      if (error instanceof InputError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new InputError(`incident bundle in ${folder}`, `cannot be written (${why})`, { cause: error });
    }
    return name;
  }

  private async writeTexts(part: string, from_ms: number): Promise<void> {
    await writeFile(join(part, 'log.jsonl'), this.log.textSince(from_ms));
    await writeFile(join(part, 'deeds.jsonl'), this.deeds.textSince(from_ms));
    const audits = await this.options.facts.audits();
    for (const [k, file] of audits.entries()) {
      const text = struckOut(await tailOf(file));
      await writeFile(join(part, `audit${audits.length === 1 ? '' : `-${k + 1}`}.jsonl`), text);
    }
  }

  private async writeRecording(part: string, name: string, { note, user }: Incident): Promise<void> {
    const { recorder, facts } = this.options;
    const { kind, robot, name: world } = facts.world;
    const urdf = facts.urdf();
    const attachments: McapAttachment[] =
      urdf === ''
        ? []
        : [{ name: `${robot}.urdf`, media_type: 'application/xml', data: new TextEncoder().encode(urdf) }];
    const front = {
      run_id: name,
      robot,
      world_kind: kind,
      world_name: world,
      note,
      marked_by: user,
      ...facts.versions,
    };
    await recorder.write(join(part, EPISODES_FOLDER, `${name}.mcap`), front, attachments);
  }

  /** The manifest, so that the bundle opens as a run does, and `bundle.json` with the hashes of everything. */
  private async writeFacts(part: string, name: string, { note, user, role, session }: Incident): Promise<void> {
    const { date, facts } = this.options;
    const written: { name: string; bytes: number; sha256: string }[] = [];
    for (const file of await filesOf(part))
      written.push({ ...file, sha256: await sha256Of(join(part, ...file.name.split('/'))) });
    const run = runOf(name, note, facts.versions, written);
    await writeFile(join(part, MANIFEST_NAME), `${JSON.stringify(manifest.parse(run), null, 2)}\n`);
    const own = { name: MANIFEST_NAME, bytes: (await stat(join(part, MANIFEST_NAME))).size };
    const files = [...written, { ...own, sha256: await sha256Of(join(part, MANIFEST_NAME)) }];
    const bundle = {
      ...{ schema: 'surepick/incident', version: 1, name, note, at: date().toISOString(), by: { user, role, session } },
      ...{ world: facts.world, versions: facts.versions, seconds: this.options.recorder.window_ms / 1000 },
      files,
    };
    await writeFile(join(part, BUNDLE_NAME), `${JSON.stringify(bundle, null, 2)}\n`);
  }
}

function runOf(
  name: string,
  reason: string,
  versions: Readonly<Record<string, string>>,
  files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[],
): Manifest {
  const unknown = { success: false, stage: '', object: '', attempts: 0, sim_seconds: 0, placement_error_m: null };
  const episodes = files
    .filter((file) => file.name.endsWith('.mcap'))
    .map(({ name: file, bytes, sha256 }, index) => {
      return { index, file, bytes, sha256, outcome: { ...unknown, reason, interventions: 0, interrupted: true } };
    });
  return {
    ...{ schema: 'surepick/run-manifest', version: 1, run_id: name, command: 'surepick teleop', options: {} },
    ...{ versions: { ...versions }, model: null, degraded_reason: '', machine: {}, digest: null },
    ...{ finished: true, interrupted: true, episodes },
  };
}

/** Whole lines at the end of a file; none of one that cannot be read. */
async function tailOf(file: string): Promise<string> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return '';
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - AUDIT_TAIL);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await handle.close();
  }
}

/** 20261126-114432-what-the-note-says */
function nameOf(date: Date, note: string): string {
  const [day, time] = date.toISOString().split('T');
  const words = note.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const short = words.slice(0, 32).replace(/^-+|-+$/g, '');
  return `${day.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${short === '' ? 'incident' : short}`;
}

function freeName(name: string, taken: readonly string[]): string {
  for (let k = 1; ; k++) {
    const tried = k === 1 ? name : `${name}-${k}`;
    if (!taken.includes(tried)) return tried;
  }
}
