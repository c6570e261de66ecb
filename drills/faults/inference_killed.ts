import { networkFault } from './network_fault.ts';

/** The thread that the network runs in ends without a word, and so does every one that takes its place. */
export const inference_killed = networkFault(
  {
    name: 'inference_killed',
    title: "the network's thread is killed",
    says: /the network was not used: .*(ended|released)/,
  },
  ({ network, clock }) => {
    let killing = false;
    const again = () => {
      if (!killing) return;
      network.kill();
      clock.schedule(clock.now_ns() + 20_000_000n, again);
    };
    return {
      begin: () => {
        killing = true;
        again();
      },
      end: () => {
        killing = false;
      },
    };
  },
);
