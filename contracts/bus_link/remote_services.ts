import type { Service } from '../bus.ts';
import { InputError } from '../errors.ts';
import { parseMessage } from '../parse_message.ts';
import type { ToHost, ToRemote } from './envelope.ts';
import { errorOf, failureOf } from './failure.ts';

type AnyService = Service<unknown, unknown>;
type ServiceHandler = (request: unknown) => unknown;

/** Services at the far end of a link: those that are called from there, and those that are served there. */
export class RemoteServices {
  private readonly tell: (message: ToHost) => void;
  private readonly served = new Map<string, { readonly service: AnyService; readonly handler: ServiceHandler }>();
  private readonly called = new Map<number, { resolve: (response: unknown) => void; reject: (error: Error) => void }>();
  private ids = 0;

  constructor(tell: (message: ToHost) => void) {
    this.tell = tell;
  }

  serve(service: AnyService, handler: ServiceHandler): () => void {
    const { name } = service;
    if (this.served.has(name)) throw new InputError(name, 'already has a server; only one node may serve it');
    const entry = { service, handler };
    this.served.set(name, entry);
    this.tell({ kind: 'serve', service: name });
    return () => {
      if (this.served.get(name) !== entry) return;
      this.served.delete(name);
      this.tell({ kind: 'unserve', service: name });
    };
  }

  /** Of a request that its schema has taken. */
  call(name: string, request: unknown): Promise<unknown> {
    const id = ++this.ids;
    return new Promise((resolve, reject) => {
      this.called.set(id, { resolve, reject });
      this.tell({ kind: 'call', id, service: name, request });
    });
  }

  answer({ id, response, failure }: ToRemote & { kind: 'answer' }): void {
    const called = this.called.get(id);
    this.called.delete(id);
    if (failure !== null) called?.reject(errorOf(failure));
    else called?.resolve(response);
  }

  async respond({ id, service: name, request }: ToRemote & { kind: 'request' }): Promise<void> {
    const served = this.served.get(name);
    try {
      if (served === undefined) throw new InputError(`service ${name}`, 'has no server any more');
      const response = await served.handler(parseMessage(served.service.request, request, name));
      this.tell({ kind: 'response', id, response, failure: null });
    } catch (error) {
      this.tell({ kind: 'response', id, response: null, failure: failureOf(error) });
    }
  }

  /** The link is lost: whoever waits for an answer gets none. */
  end(error: Error): void {
    for (const { reject } of this.called.values()) reject(error);
    this.called.clear();
  }
}
