import { InputError } from '../../contracts/index.ts';
import { LocalLink } from './local_link.ts';
import { linkFolder } from './local_link_folder.ts';
import { loadRclnodejs, type NativeContext, type NativeNode, type Rclnodejs } from './native.ts';
import { findParticipant } from './participant.ts';

/** What a process holds of ROS 2: one context, joined by each of its nodes. */
interface Session {
  readonly rcl: Rclnodejs;
  readonly context: NativeContext;
  readonly ready: Promise<void>;
  /** With what silences each before it is torn down. */
  readonly nodes: Map<NativeNode, () => void>;
  /** Null where there can be none; undefined before the first node asks. */
  link: LocalLink | null | undefined;
}

let session: Session | null = null;

export interface NodeNames {
  readonly node_name: string;
  readonly namespace: string;
  /** Rules `from:=to` as on a ROS 2 command line. */
  readonly remap: readonly string[];
  readonly domain_id: number | undefined;
}

/**
 * Makes a node in the process's context; the first one opens it on its domain (ROS_DOMAIN_ID where undefined), and another
 * domain is refused with an InputError.
 */
export async function joinNode(names: NodeNames): Promise<{ rcl: Rclnodejs; node: NativeNode }> {
  const { rcl, context, ready, nodes } = openSession(names.domain_id);
  await ready;
  if (names.domain_id !== undefined && Number(context.domainId) !== names.domain_id)
    throw new InputError(`domain id ${names.domain_id}`, `this process is on domain ${context.domainId}`);
  const node = makeNode(rcl, context, names);
  nodes.set(node, () => {});
  return { rcl, node };
}

function makeNode(rcl: Rclnodejs, context: NativeContext, { node_name, namespace, remap }: NodeNames): NativeNode {
  const rules = remap.flatMap((rule) => ['-r', rule]);
  const args = rules.length === 0 ? [] : ['--ros-args', ...rules];
  const options = { startParameterServices: false, startTypeDescriptionService: false, enableRosout: false };
  try {
    return new rcl.Node(node_name, namespace, context, options, args, false);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`node ${[namespace, node_name, ...remap].join(' ').trim()}`, reason, { cause });
  }
}

function openSession(domain_id: number | undefined): Session {
  if (session !== null) return session;
  const rcl = loadRclnodejs();
  const context = domain_id === undefined ? new rcl.Context() : new rcl.Context(BigInt(domain_id));
  session = { rcl, context, ready: rcl.init(context, []), nodes: new Map(), link: undefined };
  // A process that ends with its context open may crash in native code.
  process.once('exit', shutdownRos);
  return session;
}

/** Links of this process to others on this machine; null where they cannot be, which is said once. */
export function localLink(rcl: Rclnodejs, node: NativeNode): LocalLink | null {
  if (session === null) return null;
  if (session.link !== undefined) return session.link;
  const log = (line: string) => void process.stderr.write(`${line}\n`);
  try {
    const domain = Number(session.context.domainId);
    const link = new LocalLink(linkFolder(domain), domain, log);
    session.link = link;
    const alive = () => session?.link === link && session.nodes.has(node);
    void findParticipant(rcl, node, alive).then(
      (participant) => alive() && link.start(participant),
      (error: unknown) => log(`local links are off: ${error instanceof Error ? error.message : String(error)}`),
    );
    return link;
  } catch (error) {
    log(`local links are off: ${error instanceof Error ? error.message : String(error)}`);
    session.link = null;
    return null;
  }
}

/** Says what silences a node: tearing one down runs the event loop within itself, with all that waits there. */
export function beforeEnd(node: NativeNode, silence: () => void): void {
  session?.nodes.set(node, silence);
}

/** Ends one node; the process's context ends with its last one. */
export function leaveNode(node: NativeNode): void {
  const silence = session?.nodes.get(node);
  if (session === null || silence === undefined) return;
  silence();
  session.nodes.delete(node);
  node.destroy();
  if (session?.nodes.size === 0) shutdownRos();
}

/** Ends every node and the context of this process. The last thing before it exits; more calls do nothing. */
export function shutdownRos(): void {
  const ending = session;
  if (ending === null) return;
  session = null;
  process.removeListener('exit', shutdownRos);
  for (const silence of ending.nodes.values()) silence();
  ending.link?.close();
  ending.context.shutdown();
}
