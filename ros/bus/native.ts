import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, type Qos } from '../../contracts/index.ts';
import type { RosFields } from '../mapping.ts';

export interface NativeQos {
  readonly depth: number;
}

interface Entity {
  readonly handle: object;
}

export interface NativePublisher extends Entity {
  publish(message: RosFields): void;
  readonly topic: string;
  readonly subscriptionCount: number;
  waitForAllAcked(timeout_ns: bigint): boolean;
}

export interface NativeSubscription extends Entity {
  readonly topic: string;
  readonly publisherCount: number;
}

export interface NativeServiceResponse {
  send(fields: RosFields): void;
}

export interface NativeService extends Entity {
  readonly serviceName: string;
}

export interface NativeClient extends Entity {
  sendRequest(request: RosFields, callback: (response: RosFields) => void): void;
  isServiceServerAvailable(): boolean;
  readonly serviceName: string;
}

/** action_msgs/GoalStatus. */
export const GOAL_STATUS = { executing: 2, canceling: 3, succeeded: 4, canceled: 5, aborted: 6 } as const;

export type ExecuteGoal = (goal: NativeServerGoal) => Promise<RosFields>;

export interface NativeServerGoal {
  readonly goalId: { readonly uuid: Uint8Array };
  readonly isActive: boolean;
  readonly status: number;
  execute(callback: ExecuteGoal): void;
  publishFeedback(feedback: RosFields): void;
  succeed(): void;
  abort(): void;
  canceled(): void;
}

export interface NativeActionServer extends Entity {
  processCancelRequest(header: object, request: object): void;
  _executeCancelRequest(header: object, request: object): Promise<void>;
  notifyExecute(goal: NativeServerGoal, callback: ExecuteGoal): void;
  _executeGoal(callback: ExecuteGoal, goal: NativeServerGoal): Promise<void>;
  _sendResultResponse(header: object, result: object): void;
  destroy(): void;
}

export interface NativeClientGoal {
  readonly goalId: { readonly uuid: Uint8Array };
  isAccepted(): boolean;
  cancelGoal(): Promise<RosFields>;
  getResult(): Promise<RosFields>;
  readonly status: number;
}

export interface NativeActionClient extends Entity {
  sendGoal(goal: RosFields, feedback: (fields: RosFields) => void): Promise<NativeClientGoal>;
  isActionServerAvailable(): boolean;
  destroy(): void;
  /** Kept by the library for every goal ever sent. */
  readonly _feedbackCallbacks: Map<string, unknown>;
  readonly _sequenceNumberGoalIdMap: Map<unknown, unknown>;
}

/** An endpoint of the graph. */
export interface NativeEndpoint {
  readonly node_name: string;
  readonly topic_type: string;
  readonly endpoint_gid: readonly number[];
  readonly qos_profile: { readonly reliability: number; readonly durability: number };
}

export interface NativeNode {
  execute(handles: readonly object[]): void;
  spin(timeout_ms: number): void;
  destroy(): void;
  name(): string;
  namespace(): string;
  getFullyQualifiedName(): string;
  resolveTopicName(name: string): string;
  createPublisher(type: string, topic: string, options: { readonly qos: NativeQos }): NativePublisher;
  createSubscription(
    type: string,
    topic: string,
    options: { readonly qos: NativeQos; readonly isRaw: true },
    callback: (cdr: Buffer) => void,
  ): NativeSubscription;
  createSubscription(
    type: string,
    topic: string,
    options: { readonly qos: NativeQos; readonly isRaw: false },
    callback: (fields: RosFields) => void,
  ): NativeSubscription;
  createService(
    type: string,
    name: string,
    callback: (request: RosFields, response: NativeServiceResponse) => void,
  ): NativeService;
  createClient(type: string, name: string): NativeClient;
  destroyPublisher(publisher: NativePublisher): void;
  destroySubscription(subscription: NativeSubscription): void;
  destroyService(service: NativeService): void;
  destroyClient(client: NativeClient): void;
  countSubscribers(topic: string): number;
  countPublishers(topic: string): number;
  getPublishersInfoByTopic(topic: string, no_demangle: boolean): readonly NativeEndpoint[];
  getSubscriptionsInfoByTopic(topic: string, no_demangle: boolean): readonly NativeEndpoint[];
  getNodeNamesAndNamespaces(): readonly { readonly name: string; readonly namespace: string }[];
}

export interface NativeContext {
  readonly domainId: bigint;
  shutdown(): void;
  isShutdown(): boolean;
}

type GoalCallback = (goal: RosFields) => number;

export interface Rclnodejs {
  readonly Context: new (domain_id?: bigint) => NativeContext;
  readonly Node: new (
    name: string,
    namespace: string,
    context: NativeContext,
    options: object,
    args: readonly string[],
    use_global_arguments: boolean,
  ) => NativeNode;
  readonly ActionServer: new (
    node: NativeNode,
    type: string,
    name: string,
    execute: ExecuteGoal,
    goal: GoalCallback,
    accepted: (goal: NativeServerGoal) => void,
    cancel: (goal: NativeServerGoal) => number,
    options: { readonly resultTimeout: number },
  ) => NativeActionServer;
  readonly ActionClient: new (node: NativeNode, type: string, name: string) => NativeActionClient;
  readonly GoalResponse: { readonly ACCEPT: number; readonly REJECT: number };
  readonly CancelResponse: { readonly ACCEPT: number; readonly REJECT: number };
  readonly QoS: new (history: number, depth: number, reliability: number, durability: number) => NativeQos;
  /** Classes of an action type. */
  require(type: string): { readonly Result: new () => { toPlainObject(typed_arrays: boolean): RosFields } };
  init(context: NativeContext, argv: readonly string[]): Promise<void>;
  removeSignalHandlers(): void;
}

/** The library's native functions that its classes stand on. */
export interface Addon {
  /** A copy of the next message's bytes. */
  rclTakeRaw(subscription: object): Buffer | undefined;
  publishRawMessage(publisher: object, cdr: Buffer): void;
  getSubscriptionCount(publisher: object): number;
}

const isFunction = z.custom<object>((value) => typeof value === 'function', 'must be a function');
const face = z.object({
  Context: isFunction,
  Node: isFunction,
  ActionServer: isFunction,
  ActionClient: isFunction,
  QoS: isFunction,
  init: isFunction,
  require: isFunction,
  removeSignalHandlers: isFunction,
  GoalResponse: z.object({ ACCEPT: z.number(), REJECT: z.number() }),
  CancelResponse: z.object({ ACCEPT: z.number(), REJECT: z.number() }),
});
const addonFace = z.object({ rclTakeRaw: isFunction, publishRawMessage: isFunction, getSubscriptionCount: isFunction });
const version = z.object({ version: z.string().regex(/^2\./, 'must be 2.x') });

let loaded: Rclnodejs | null = null;
let addon: Addon | null = null;

/**
 * rclnodejs from the folder that SUREPICK_RCLNODEJS names. Throws an InputError where the process was not started with the
 * environment of a ROS 2 (`surepick ros env`), or what stands there cannot be loaded.
 */
export function loadRclnodejs(folder = process.env.SUREPICK_RCLNODEJS): Rclnodejs {
  if (loaded !== null) return loaded;
  if (folder === undefined || folder === '')
    throw new InputError(
      'SUREPICK_RCLNODEJS',
      'is not set; start the process with the variables of `surepick ros env`',
    );
  const require = createRequire(join(folder, 'package.json'));
  let exports: unknown;
  try {
    version.parse(require('./package.json'));
    exports = require(folder);
    face.parse(exports);
    addon = addonOf(require);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`rclnodejs in ${folder}`, `${reason}; run \`surepick ros doctor\``, { cause });
  }
  loaded = exports as Rclnodejs;
  // Its own handler tears contexts down in the middle of whatever runs; the process has one exit path instead.
  loaded.removeSignalHandlers();
  return loaded;
}

/** The native functions of the rclnodejs that was loaded. */
export function loadAddon(): Addon {
  loadRclnodejs();
  if (addon === null) throw new Error('rclnodejs is loaded without its addon');
  return addon;
}

/** The addon as the library loaded it, from wherever it found it. */
function addonOf(require: NodeJS.Require): Addon {
  const path = Object.keys(require.cache).find((file) => file.endsWith('rclnodejs.node'));
  if (path === undefined) throw new Error('its addon rclnodejs.node is not loaded');
  const exports: unknown = require(path);
  addonFace.parse(exports);
  return exports as Addon;
}

const KEEP_LAST = 1;
export const RELIABILITY = { reliable: 1, best_effort: 2 } as const;
export const DURABILITY = { transient_local: 1, volatile: 2 } as const;

/** Reliable messages wait in the middleware for so many times the declared depth, for the loop of a process may stall. */
export const PATIENCE = 10;

/** @param side  a publisher that late subscribers hear of keeps what is declared for them, and no more */
export function nativeQos(rcl: Rclnodejs, { depth, reliability, durability }: Qos, side: 'in' | 'out'): NativeQos {
  const patient = reliability === 'reliable' && (side === 'in' || durability === 'volatile');
  return new rcl.QoS(KEEP_LAST, patient ? PATIENCE * depth : depth, RELIABILITY[reliability], DURABILITY[durability]);
}
