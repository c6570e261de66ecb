import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { importsOf, packagesOf, read, sourceFiles, withoutComments } from './support/sources.ts';

/** Who may import whom. A stage sees only the index.ts of another. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  trajectory: ['contracts'],
  dynamics: ['contracts'],
  robots: ['contracts', 'dynamics'],
  collision: ['contracts', 'dynamics', 'robots'],
  safety: ['contracts', 'dynamics', 'robots'],
  control: ['contracts', 'trajectory', 'dynamics', 'robots', 'collision', 'safety'],
  planning: ['contracts', 'trajectory', 'dynamics', 'robots', 'collision'],
  perception: ['contracts'],
  runtime: ['contracts', 'dynamics', 'robots', 'safety', 'control'],
  sim: ['contracts', 'dynamics', 'robots', 'safety', 'control'],
  learning: ['contracts', 'dynamics', 'robots', 'perception', 'planning', 'sim', 'control'],
  ros: ['contracts'],
  datasets: ['contracts', 'dynamics', 'robots', 'safety', 'ros'],
  commissioning: ['contracts', 'dynamics', 'robots', 'safety', 'control', 'runtime'],
};
const LIBRARIES = Object.keys(ARROWS);
const STAGES = [...LIBRARIES, 'stack', 'launch'];
const ALL = [...STAGES, 'teleop', 'drills', 'bench', 'cli'];

/** The compositions, of episodes and of graphs, see every stage; drills, benchmarks and the command line see these too. */
function allowed(folder: string): readonly string[] {
  if (folder === 'cli') return [...STAGES, 'teleop', 'drills', 'bench'];
  if (folder === 'drills' || folder === 'bench') return [...STAGES, 'teleop'];
  if (folder === 'teleop') return STAGES;
  if (folder === 'launch') return [...LIBRARIES, 'stack'];
  return folder === 'stack' ? LIBRARIES : ARROWS[folder];
}

/** Stages whose time comes from a Clock and whose chance comes from an Rng. */
const DETERMINISTIC = [
  'trajectory',
  'collision',
  'perception',
  'planning',
  'control',
  'safety',
  'sim',
  'learning',
  'dynamics',
  'robots',
];
const AMBIENT = /\bDate\.now\b|\bMath\.random\b|\bperformance\.now\b|\bnew Date\(\s*\)|\bprocess\.hrtime\b/;

const stageOf = (path: string) => path.split('/')[0];
const isTest = (path: string) => path.endsWith('.test.ts');
const sources = sourceFiles().filter((path) => ALL.includes(stageOf(path)));
const product = sources.filter((path) => !isTest(path));
const arrows = (paths: readonly string[]) =>
  paths.flatMap((from) =>
    importsOf(from)
      .filter((to) => stageOf(to) !== stageOf(from))
      .map((to) => ({ from, to })),
  );
const show = ({ from, to }: { from: string; to: string }) => `${from} -> ${to}`;

describe('arrows between folders', () => {
  it('finds the sources and their imports', () => {
    expect(product.length).toBeGreaterThan(10);
    expect(packagesOf('contracts/in_process_bus.ts')).toContain('rxjs');
    expect(importsOf('cli/main.ts')).toContain('contracts/index.ts');
  });

  it('every folder with sources has its place in the table', () => {
    const others = ['test', 'scripts', 'docs', 'models'];
    const folders = readdirSync(PACKAGE_ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && sourceFiles().some((path) => stageOf(path) === entry.name))
      .map((entry) => entry.name);
    expect(folders.filter((folder) => ![...ALL, ...others].includes(folder))).toEqual([]);
  });

  it('the product imports only along the arrows', () => {
    const against = arrows(product).filter(({ from, to }) => !allowed(stageOf(from)).includes(stageOf(to)));
    expect(against.map(show)).toEqual([]);
  });

  it('only the public face of another stage is imported, in tests too', () => {
    const deep = arrows(sources).filter(
      ({ from, to }) => to !== `${stageOf(to)}/index.ts` && !(isTest(from) && to.startsWith('test/support/')),
    );
    expect(deep.map(show)).toEqual([]);
  });

  it('the table itself has no cycle', () => {
    const order: string[] = [];
    const visit = (stage: string, path: readonly string[]): void => {
      expect(path).not.toContain(stage);
      for (const next of ARROWS[stage]) visit(next, [...path, stage]);
      if (!order.includes(stage)) order.push(stage);
    };
    for (const stage of LIBRARIES) visit(stage, []);
    expect(order).toHaveLength(LIBRARIES.length);
  });

  it('no stage reads the clock or chance of the machine', () => {
    const ambient = product
      .filter((path) => DETERMINISTIC.includes(stageOf(path)))
      .flatMap((path) => {
        const lines = withoutComments(read(path)).split('\n');
        return lines.flatMap((line, i) => (AMBIENT.test(line) ? [`${path}:${i + 1} ${line.trim()}`] : []));
      });
    expect(ambient).toEqual([]);
  });

  it('nothing in the product waits to be written', () => {
    const words = /\b(?:TODO|FIXME|XXX|HACK|stub|placeholder|dummy|fake|mock)s?\b/i;
    const left = product.flatMap((path) => {
      const lines = read(path).split('\n');
      return lines.flatMap((line, i) => (words.test(line) ? [`${path}:${i + 1} ${line.trim()}`] : []));
    });
    expect(left).toEqual([]);
  });

  it('nothing in the product opens an outbound connection', () => {
    const network = /^(node:)?(net|tls|http|https|http2|dgram|dns)(\/promises)?$|^(undici|axios|node-fetch|ws)$/;
    // Sockets in the file system, between processes of one user.
    const local = [
      ...['ros/bus/local_link.ts', 'ros/bus/local_link_connection.ts'],
      ...['runtime/stop_socket.ts', 'runtime/stop_request.ts', 'runtime/bus_socket.ts'],
    ];
    for (const path of local) expect(withoutComments(read(path)), path).not.toMatch(/\b(?:host|port)\b/);
    // They listen, or only name addresses; the page connects to whom it came from.
    const serving = [
      ...['access/guard.ts', 'access/origins.ts', 'access/login_throttle.ts', 'access/tls/certificates.ts'],
      ...['access/tls/name_constraints.ts', 'foxglove/foxglove_server.ts', 'foxglove/foxglove_client.ts'],
      ...['foxglove/peer_user.ts', 'server/http.ts', 'server/operator_server.ts', 'server/sockets.ts'],
    ].map((path) => `teleop/${path}`);
    for (const path of serving)
      expect(withoutComments(read(path)), path).not.toMatch(/\b(?:connect|createConnection|request)\(|new WebSocket\(/);
    // The benchmark of the web view is a page to the server that it has started itself.
    const allowedToNetwork = [...local, ...serving, 'bench/teleop_client.ts'];
    const imports = product.flatMap((path) =>
      packagesOf(path)
        .filter((to) => network.test(to) && !allowedToNetwork.includes(path))
        .map((to) => `${path} -> ${to}`),
    );
    const calls = product.filter(
      (path) =>
        !path.startsWith('teleop/page/') &&
        path !== 'bench/teleop_client.ts' &&
        /\b(?:fetch|WebSocket|EventSource)\(/.test(withoutComments(read(path))),
    );
    expect({ imports, calls }).toEqual({ imports: [], calls: [] });
  });
});
