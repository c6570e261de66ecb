import {
  type Bus,
  type InProcessBus,
  type Rng,
  type SimClock,
  secondsToStamp,
  type Topic,
} from '../../contracts/index.ts';

/** A bus on which every message is on its way for up to `most_s` at random, in order on each topic; `step` hands over what is due. */
export function plainBusDelay(
  inner: InProcessBus,
  clock: SimClock,
  most_s: number,
  rng: Rng,
): { readonly bus: Bus; readonly step: () => void } {
  const on_way = new Map<string, { at_ns: bigint; send: () => void }[]>();
  const bus: Bus = {
    publish<T>(topic: Topic<T>, message: T): void {
      if (most_s === 0) {
        inner.publish(topic, message);
        return;
      }
      const queue = on_way.get(topic.name) ?? [];
      on_way.set(topic.name, queue);
      const due_ns = clock.now_ns() + secondsToStamp(rng.range(0, most_s));
      const before_ns = queue.at(-1)?.at_ns ?? 0n;
      queue.push({ at_ns: due_ns > before_ns ? due_ns : before_ns, send: () => inner.publish(topic, message) });
    },
    subscribe: (topic, subscriber, handler) => inner.subscribe(topic, subscriber, handler),
    subscribers: (topic) => inner.subscribers(topic),
    isReadBy: (topic, nodes) => inner.isReadBy(topic, nodes),
    serve: (service, handler) => inner.serve(service, handler),
    call: (service, request) => inner.call(service, request),
    serveAction: (action, handler) => inner.serveAction(action, handler),
    sendGoal: (action, goal, callbacks) => inner.sendGoal(action, goal, callbacks),
    stats: () => inner.stats(),
  };
  const step = () => {
    for (const queue of on_way.values())
      while (queue.length > 0 && queue[0].at_ns <= clock.now_ns()) queue.shift()?.send();
  };
  return { bus, step };
}
