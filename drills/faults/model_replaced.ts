import { networkFault } from './network_fault.ts';

const RUBBISH = Uint8Array.from({ length: 4096 }, (_, i) => (i * 31) % 251);

/** What is found when the network has to be loaded anew is no network. */
export const model_replaced = networkFault(
  {
    name: 'model_replaced',
    title: "the network dies, and rubbish is in its model's place",
    says: /the network was not used: .*(not an ONNX model|ended|released)/,
  },
  ({ network }) => ({
    begin: () => {
      network.bytes = RUBBISH;
      network.kill();
    },
    end: () => {
      network.bytes = null;
    },
  }),
);
