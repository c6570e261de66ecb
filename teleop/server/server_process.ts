import { mkdirSync } from 'node:fs';
import { InputError, type Log } from '../../contracts/index.ts';
import { createLog } from '../../stack/index.ts';
import { shippedObjectives } from '../control/index.ts';
import { FoxgloveServer } from '../foxglove/index.ts';
import { OperatorServer, steadyNow } from './operator_server.ts';
import { type ConnectedRobot, connectRobot } from './robot_bus.ts';
import { Seldom } from './seldom.ts';
import { type ServerSetup, type ServerWord, serverOrder } from './server_words.ts';

/** What goes wrong with every message of a topic is told this often, ms. */
const REPEATED_MS = 10_000;

const tell = (word: ServerWord) => void process.send?.(word);

/** Connects to the robot and serves its operators until its parent ends it. */
async function serve(setup: ServerSetup): Promise<void> {
  let server: OperatorServer | null = null;
  const log = createLog(setup.log_level, { node: 'teleop' }, (line) => {
    process.stderr.write(line);
    server?.noteLog(line);
  });
  mkdirSync(setup.state_dir, { recursive: true, mode: 0o700 });
  mkdirSync(setup.out_dir, { recursive: true });
  const seldom = new Seldom(REPEATED_MS);
  const connected = await connectRobot(setup.robot, (error, where) => {
    if (!seldom.due(where, steadyNow())) return;
    log.error({ where, reason: error instanceof Error ? error.message : String(error) }, 'bus');
  });
  const serving = await OperatorServer.create(connected, setup, await shippedObjectives(), log);
  server = serving;
  const base = await serving.listen();
  const foxglove = setup.foxglove ? await serveFoxglove(connected, setup, log) : null;
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    void serving
      .close()
      .then(() => foxglove?.close())
      .then(() => connected.close())
      .finally(() => process.exit(0));
  };
  process.on('SIGTERM', end);
  process.on('disconnect', end);
  // The interrupt key is the parent's matter.
  process.on('SIGINT', () => {});
  process.on('message', (message) => {
    if (serverOrder.safeParse(message).data?.kind === 'code') tell({ kind: 'code', url: serving.loginUrl(base) });
  });
  tell({
    kind: 'ready',
    base,
    url: serving.loginUrl(base),
    port: Number(new URL(base).port || (setup.tls ? 443 : 80)),
  });
}

function serveFoxglove({ bus, clock }: ConnectedRobot, { state_dir }: ServerSetup, log: Log): Promise<FoxgloveServer> {
  const onRefused = (reason: string) => log.warn({ reason }, 'refused a client of Foxglove’s protocol');
  return FoxgloveServer.start({ bus, clock, folder: state_dir, now_ms: () => performance.now(), onRefused });
}

process.once('message', (message) => {
  const order = serverOrder.parse(message);
  if (order.kind !== 'setup') return;
  serve(order).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    if (!(error instanceof InputError) && !isAddressError(error)) throw error;
    tell({ kind: 'refused', reason });
    process.exit(2);
  });
});

function isAddressError(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL'].includes(String(error.code))
  );
}
