import { MessageChannel } from 'node:worker_threads';
import { describe } from 'vitest';
import { busContract } from '../../test/support/bus_contract.ts';
import { SimClock } from '../clock.ts';
import { InProcessBus } from '../in_process_bus.ts';
import { BusHost } from './bus_host.ts';
import { messagePort } from './message_port.ts';
import { RemoteBus } from './remote_bus.ts';

describe('a remote bus over a channel between threads', () => {
  busContract(async () => {
    const errors: string[] = [];
    const onError = (error: unknown, where: string) => void errors.push(`${where}: ${error}`);
    const inner = new InProcessBus({ onError });
    const host = new BusHost(inner, new SimClock(), { onError });
    const { port1, port2 } = new MessageChannel();
    host.attach(messagePort(port1), true);
    const bus = await RemoteBus.open(messagePort(port2), { onError });
    port1.unref();
    port2.unref();
    return { bus, errors, settle: () => bus.roundTrip() };
  });
});
