import type { Drill } from '../drill.ts';

/** A switch without power between the supervisor and all others: each of them works, and none hears the other side. */
export const partition: Drill = {
  name: 'partition',
  title: 'all other nodes vanish from the bus together',
  declared: 'partition',
  moment: 'moving',
  says: /vanished together/,
  lasting: true,
  embedded: ({ wires, nodes, nodeOf }) => {
    let ends: readonly (() => void)[] = [];
    return {
      begin: () => {
        ends = nodes.filter((name) => name !== nodeOf('safety')).map((node) => wires.cut(node));
      },
      end: () => {
        for (const end of ends) end();
      },
    };
  },
};
