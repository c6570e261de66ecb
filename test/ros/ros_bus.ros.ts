import { afterEach, describe } from 'vitest';
import { RosBus } from '../../ros/index.ts';
import { busContract } from '../support/bus_contract.ts';
import { CONTRACT_MAPPINGS } from '../support/contract_mappings.ts';

const open: RosBus[] = [];
let made = 0;

async function make() {
  const errors: string[] = [];
  const bus = await RosBus.create({
    node_name: `contract_${made++}`,
    mappings: CONTRACT_MAPPINGS,
    server_wait_s: 1,
    onError: (error, where) => void errors.push(`${where}: ${error}`),
  });
  open.push(bus);
  return { bus, errors, settle: () => new Promise<void>((resolve) => setTimeout(resolve, 300)) };
}

afterEach(async () => {
  for (const bus of open.splice(0)) await bus.shutdown();
});

describe('the bus on ROS 2', () => busContract(make));
