export { blankResult } from './blank_result.ts';
export { BusHost, type BusHostOptions, type HostedBus } from './bus_host.ts';
export { type Catalogue, CONTRACTS, catalogueOf } from './catalogue.ts';
export { messagePort } from './message_port.ts';
export type { Port } from './port.ts';
export { RemoteBus, type RemoteBusOptions } from './remote_bus.ts';
