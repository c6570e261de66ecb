import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { baseFinding, findRos, rosBase } from '../../ros/index.ts';
import type { Finding, Machine } from './finding.ts';

/** Python packages that tests compare with, by distribution name. */
export const PYTHON_PEERS = [
  'pin',
  'mujoco',
  'ruckig',
  'toppra',
  'mcap',
  'mcap-ros2-support',
  'rosbags',
  'onnxruntime',
] as const;

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'] as const;

/** A ROS 2 that is sourced or built here; else one that is installed and only wants to be sourced. */
const ROS = { id: 'ros2', name: 'ROS 2', needed_for: 'running as a ROS 2 graph' };

export function rosFinding(machine: Machine): Finding {
  try {
    return rosThere(machine);
  } catch (error) {
    // Where it would be built, make could not work.
    if (!(error instanceof InputError)) throw error;
    return { ...ROS, state: 'missing', found: '', remedy: error.message };
  }
}

function rosThere({ env, list, exists }: Machine): Finding {
  const base = ROS;
  const ros = baseFinding(rosBase(env));
  const ready = findRos(env);
  if (ros.state !== 'missing' && 'missing' in ready) {
    return { ...base, state: 'limited', found: ros.found, remedy: ready.missing };
  }
  if (ros.state !== 'missing') return { ...base, state: ros.state, found: ros.found, remedy: ros.remedy };
  const installed = list('/opt/ros').filter((name) => exists(`/opt/ros/${name}/setup.sh`));
  if (installed.length === 0) return { ...base, state: 'missing', found: '', remedy: ros.remedy };
  const remedy = `source /opt/ros/${installed[0]}/setup.sh`;
  return { ...base, state: 'limited', found: `${installed.join(', ')} (not sourced)`, remedy };
}

/** @param bundled folder of the headless Chromium that the tests carry */
export function browserFinding({ which, exists }: Machine, bundled: string): Finding {
  const path = BROWSERS.map(which).find((found) => found !== null);
  const base = { id: 'browser', name: 'Browser', needed_for: 'looking at reports; testing them' };
  if (path !== undefined) return { ...base, state: 'found', found: path ?? '', remedy: '' };
  if (exists(bundled)) return { ...base, state: 'found', found: '@sparticuz/chromium (headless)', remedy: '' };
  const remedy = 'open report.html on any machine; npm test brings a headless Chromium for the tests';
  return { ...base, state: 'missing', found: '', remedy };
}

const versions = z.object({ python: z.string(), peers: z.record(z.string(), z.string().nullable()) });

const ASK = `import importlib.metadata as m, json, sys
def version(n):
    try: return m.version(n)
    except m.PackageNotFoundError: return None
print(json.dumps({"python": sys.version.split()[0], "peers": {n: version(n) for n in sys.argv[1:]}}))`;

/**
 * Python and the peers that any of its environments holds.
 * @param environments folder of the virtual environments that the tests make
 */
export function pythonFindings(machine: Machine, environments: string): Finding[] {
  const made = machine.list(environments).map((name) => join(environments, name, 'bin', 'python'));
  const asked = [machine.which('python3') ?? machine.which('python'), ...made.filter(machine.exists)];
  const answers = asked.flatMap((python) => {
    const printed = python === null ? null : machine.output(python, ['-c', ASK, ...PYTHON_PEERS], 20);
    return printed === null ? [] : [versions.parse(JSON.parse(printed))];
  });
  const base = { needed_for: 'live comparison with peers in tests; nothing in the product' };
  if (answers.length === 0) {
    const remedy = 'install Python 3.10 to 3.13 with its venv module';
    return [{ ...base, id: 'python', name: 'Python', state: 'missing', found: '', remedy }];
  }
  const present = PYTHON_PEERS.flatMap((name) => {
    const version = answers.map(({ peers }) => peers[name]).find((found) => found);
    return version ? [`${name} ${version}`] : [];
  });
  return [
    { ...base, id: 'python', name: 'Python', state: 'found', found: answers[0].python, remedy: '' },
    {
      ...base,
      id: 'python_peers',
      name: 'Python peers',
      state: present.length === PYTHON_PEERS.length ? 'found' : present.length > 0 ? 'limited' : 'missing',
      found: present.join(', '),
      remedy: present.length === PYTHON_PEERS.length ? '' : 'npm test installs what the tests need',
    },
  ];
}
