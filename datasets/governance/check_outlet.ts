import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import {
  ApprovalDesk,
  AuditLog,
  anchorFile,
  documentHash,
  documentOf,
  type OutletRule,
  ProcessLock,
  parseApprovers,
  type RobotIdentity,
  SyncedLogFile,
} from '../../safety/index.ts';
import type { DatasetEpisode } from '../dataset/schema.ts';
import { type Destination, isBelow, liesIn, resolveDestination, tellDestination } from './destination.ts';
import { licenceFits } from './licence.ts';
import {
  type NamedOutlet,
  outletApprovals,
  outletApprovers,
  outletLogFile,
  outletsFileOf,
  readOutlets,
} from './outlet_rules.ts';

export interface OutletContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly cwd: string;
  /** The system's folder for what is temporary. */
  readonly tmp: string;
  /** The dataset's folder; what goes below it does not leave. */
  readonly own: string;
  /** What the data is wanted for; empty where nobody said. */
  readonly purpose: string;
  /** Nothing leaves yet, whatever is decided. */
  readonly only_asked?: boolean;
  /** ms since 1970. */
  readonly now_ms: number;
}

export interface OutletVerdict {
  readonly destination: string;
  /** Name of the outlet; `own folder` and `default` are those that need no list. */
  readonly outlet: string;
}

type Leaving = Pick<DatasetEpisode, 'id' | 'governance' | 'lineage' | 'engine'>;

/** Approvals of outlets are of no arm. */
export const OUTLETS_IDENTITY: RobotIdentity = {
  name: 'data outlets',
  serial: '',
  urdf_sha256: createHash('sha256').update('surepick data outlets').digest('hex'),
};

/**
 * Decides whether episodes may go to a folder or URL: into the dataset's own folder always; simulated data below the working,
 * home and temporary folders; everything else only to an outlet that `outlets.yaml` lists and approvers have signed for. Throws
 * an InputError that names the outlet, the rule that speaks against it, and the remedy; every decision is in the log of
 * outlets.
 */
export async function checkOutlet(
  told: string,
  episodes: readonly Leaving[],
  context: OutletContext,
): Promise<OutletVerdict> {
  const destination = resolveDestination(told);
  const to = tellDestination(destination);
  try {
    const outlet = decide(destination, episodes, context);
    if (outlet !== OWN) await note({ to, outlet, outcome: 'may leave', episodes, context });
    return { destination: to, outlet };
  } catch (error) {
    if (error instanceof InputError)
      await note({ to, outlet: '', outcome: `refused: ${error.message}`, episodes, context });
    throw error;
  }
}

const OWN = 'own folder';

function decide(destination: Destination, episodes: readonly Leaving[], context: OutletContext): string {
  const { env, home, cwd, tmp, own } = context;
  const to = tellDestination(destination);
  if (liesIn(destination, resolveDestination(own))) return OWN;
  const file = outletsFileOf(env, home);
  const { defaults, outlets } = readOutlets(file);
  const sensitive = episodes.filter(isSensitive);
  const usual = [cwd, home, tmp].map((folder) => tellDestination(resolveDestination(folder)));
  const near = destination.kind === 'folder' && usual.some((folder) => isBelow(destination.path, folder));
  if (near && defaults && sensitive.length === 0) return 'default';
  const fitting = outlets.filter(({ destination: of }) => liesIn(destination, resolveDestination(of)));
  const refusals = fitting.map((outlet) => ({ outlet, why: whyNot(outlet, episodes, sensitive, context.purpose) }));
  const open = refusals.filter(({ why }) => why === '').map(({ outlet }) => outlet);
  if (open.length === 0) {
    const why = refusals.map(({ outlet, why: reason }) => `outlet ${outlet.name} in ${file}: ${reason}`);
    throw new InputError(`destination ${to}`, why.length > 0 ? why.join('; ') : unlisted(to, file, sensitive, near));
  }
  const unapproved = open.map((outlet) => approval(outlet, context));
  const found = unapproved.indexOf('');
  if (found >= 0) return open[found].name;
  throw new InputError(`destination ${to}`, unapproved.join('; '));
}

/** Data of people or of real robots. */
function isSensitive({ governance, lineage, engine }: Leaving): boolean {
  return (
    governance.consent !== 'none_needed' ||
    lineage.source === 'teleoperation' ||
    lineage.source === 'robot' ||
    engine === 'real'
  );
}

function whyNot(
  { purposes, licences, people }: OutletRule,
  episodes: readonly Leaving[],
  sensitive: readonly Leaving[],
  purpose: string,
): string {
  if (sensitive.length > 0 && !people)
    return `takes no data of people or real robots, as ${sensitive[0].id} is; people: true lets it`;
  if (purposes !== null && !purposes.includes(purpose))
    return `takes data for ${purposes.join(', ') || 'nothing'} only, not for ${purpose || 'what nobody said; say --purpose'}`;
  const other = episodes.find(
    ({ governance: { licence } }) => licences !== null && (licence === '' || !licenceFits(licence, licences)),
  );
  if (other === undefined) return '';
  return `takes data under ${licences?.join(', ') || 'no licence'} only, ${other.id} is under ${other.governance.licence || 'none told; see surepick dataset tag'}`;
}

function unlisted(to: string, file: string, sensitive: readonly Leaving[], near: boolean): string {
  const [first] = sensitive;
  const why =
    first !== undefined
      ? `data of people or real robots, as ${first.id}, goes to listed outlets only`
      : near
        ? 'the defaults are switched off there'
        : 'lies outside the working folder and the home folder';
  return `${why}; list it in ${file} and have it approved (surepick dataset outlets --check ${to})`;
}

/** Why an outlet is not in force; empty where it is. Writes the request that an approver signs. */
function approval(outlet: NamedOutlet, { env, home, now_ms }: OutletContext): string {
  const list = outletApprovers(env, home);
  if (!existsSync(list))
    return `outlet ${outlet.name} needs an approval; ${list} must list who may sign for outlets, as the list of an arm does`;
  const desk = new ApprovalDesk({
    robot: OUTLETS_IDENTITY,
    folder: outletApprovals(env, home),
    anchor: anchorFile(OUTLETS_IDENTITY, env, home),
    approvers: () => parseApprovers(JSON.parse(readFileSync(list, 'utf8')), list),
    now_ms: () => now_ms,
    author: 'surepick dataset',
    reason: `data shall go to ${outlet.destination}`,
  });
  try {
    return desk.decide([wantedOutlet(outlet)]).refusals.join('; ');
  } finally {
    desk.close();
  }
}

/** An outlet as it is approved: with the folder that its links lead to, so that moving a link asks again. */
function wantedOutlet({ name, ...rule }: NamedOutlet) {
  const real = { ...rule, destination: tellDestination(resolveDestination(rule.destination)) };
  const document = {
    ...{ schema: 'surepick.outlet', version: 1 },
    ...{ told: real.destination, sha256: documentHash(real), rule: real },
  };
  return { what: `outlet/${name}`, document: documentOf(document) };
}

interface Noted {
  readonly to: string;
  readonly outlet: string;
  readonly outcome: string;
  readonly episodes: readonly Leaving[];
  readonly context: OutletContext;
}

/** Appends to the log of outlets, which `surepick safety verify` checks. Throws an InputError where it cannot be written. */
async function note({ to, outlet, outcome, episodes, context }: Noted): Promise<void> {
  const { env, home, own, purpose, only_asked = false, now_ms } = context;
  const file = outletLogFile(env, home);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const lock = new ProcessLock(`${file}.lock`);
  await taken(lock);
  const lines = new SyncedLogFile(file, 'outlets');
  const log = new AuditLog({ log: 'outlets', file: lines, now_ns: () => BigInt(now_ms) * 1_000_000n });
  const inputs = { to, outlet, from: own, purpose, episodes: episodes.map(({ id }) => id) };
  const rule = outlet === '' ? 'outlet.refused' : only_asked ? 'outlet.asked' : 'outlet.allowed';
  log.record({ kind: 'approval', rule, inputs, outcome });
  await log.close();
  lock.release();
  if (log.failure !== '') throw new InputError(`log ${file}`, `must be a file that can be written (${log.failure})`);
}

const TRIES = 100;
const BETWEEN_MS = 50;

async function taken(lock: ProcessLock): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      lock.take();
      return;
    } catch (error) {
      if (tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
  }
}
