import { parseMessage, type Service } from '../../contracts/index.ts';
import type { RosFields, ServiceMapping } from '../mapping.ts';
import { rosName } from './names.ts';
import type { NativeClient } from './native.ts';
import type { RosNode } from './ros_node.ts';
import { serverGone, waitForServer } from './servers.ts';

/** Answers a ROS service by fields; a handler that fails is answered by `refuse`. Returns what ends it. */
export function serveFields(
  node: RosNode,
  type: string,
  name: string,
  handler: (request: RosFields) => object | Promise<object>,
  refuse: (reason: string) => object,
): () => void {
  const { native, guard } = node;
  const where = `service ${name}`;
  let open = true;
  const service = native.createService(type, rosName(name), (request, response) => {
    const send = (fields: object) => {
      if (open && !node.ended) response.send({ ...fields });
    };
    answer(handler, request)
      .catch((error: unknown) => {
        guard.report(error, where);
        return refuse(error instanceof Error ? error.message : String(error));
      })
      .then(send)
      .catch((error: unknown) => guard.report(error, where));
  });
  return () => {
    if (!open) return;
    open = false;
    native.destroyService(service);
  };
}

async function answer(handler: (request: RosFields) => object | Promise<object>, request: RosFields): Promise<object> {
  return handler(request);
}

/** Handler of a service by its mapping; what comes in is parsed. */
export function mappedHandler<Req, Res>(
  service: Service<Req, Res>,
  mapping: ServiceMapping<Req, Res>,
  handler: (request: Req) => Res | Promise<Res>,
): (fields: RosFields) => Promise<object> {
  return async (fields) => {
    const request = parseMessage(service.request, mapping.request.fromRos(fields), service.name);
    return mapping.response.toRos(await handler(request));
  };
}

/** One client of a service; any number of calls may be under way. */
export class ServiceCaller {
  private readonly node: RosNode;
  private readonly name: string;
  private readonly client: NativeClient;
  private readonly wait_ms: number;
  private closed = false;

  /** @param wait_ms  how long a call looks for a server */
  constructor(node: RosNode, type: string, name: string, wait_ms: number) {
    this.name = name;
    this.wait_ms = wait_ms;
    this.node = node;
    this.client = node.native.createClient(type, rosName(name));
  }

  /** Rejects with an InputError where there is no server, or it went away before it answered. */
  async call(request: object): Promise<RosFields> {
    await waitForServer(() => this.available(), this.wait_ms, `service ${this.name}`);
    let answered = false;
    const response = new Promise<RosFields>((resolve) => {
      this.client.sendRequest({ ...request }, (fields) => {
        answered = true;
        resolve(fields);
      });
    });
    return Promise.race([
      response,
      serverGone(
        () => this.available(),
        () => answered,
        `service ${this.name}`,
      ),
    ]);
  }

  /** Calls under way are told that there is no server. */
  close(): void {
    this.closed = true;
  }

  private available(): boolean {
    return !this.closed && !this.node.ended && this.client.isServiceServerAvailable();
  }
}
