import { networkFault } from './network_fault.ts';

/** The network gives values that are no numbers. */
export const inference_nan = networkFault(
  { name: 'inference_nan', title: 'the network gives NaN', says: /the network was not used: .*gave NaN/ },
  ({ network }) => ({
    begin: () => {
      network.fault = 'nan';
    },
    end: () => {
      network.fault = 'none';
    },
  }),
);
