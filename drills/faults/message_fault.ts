import type { Topic } from '../../contracts/index.ts';
import type { EmbeddedStage, Injection } from '../drill.ts';

/** What the supervisor hears on a topic, changed by `act` (null: dropped) while the fault lasts. */
export function heardOtherwise<T>(
  { wires, nodeOf }: EmbeddedStage,
  topic: Topic<T>,
  act: () => (message: T) => T | null,
): Injection {
  let end = () => {};
  return {
    begin: () => {
      end = wires.change(topic, { node: nodeOf('safety'), way: 'hears' }, act());
    },
    end: () => end(),
  };
}
