import { networkFault } from './network_fault.ts';

/** Another program takes the memory that the execution provider needs. */
export const inference_memory = networkFault(
  {
    name: 'inference_memory',
    title: 'the execution provider runs out of memory',
    says: /the network was not used: .*allocate memory/,
  },
  ({ network }) => ({
    begin: () => {
      network.fault = 'memory';
    },
    end: () => {
      network.fault = 'none';
    },
  }),
);
