import type { Node, NodeContext } from '../../contracts/index.ts';

/** Nodes that act as one, and what they hold. */
export interface Parts {
  readonly nodes: readonly Node[];
  readonly close?: () => Promise<void>;
  /** For /diagnostics, besides what the nodes say. */
  readonly told?: Readonly<Record<string, string | number>>;
}

/** A node whose parts are made when it is configured, from the parameters of that moment, and closed at its cleanup. */
export class LateNode implements Node {
  readonly name: string;
  private readonly make: (context: NodeContext) => Promise<Parts>;
  private parts: Parts = { nodes: [] };

  constructor(name: string, make: (context: NodeContext) => Promise<Parts>) {
    this.name = name;
    this.make = make;
  }

  async configure(context: NodeContext): Promise<void> {
    const parts = await this.make(context);
    try {
      for (const node of parts.nodes) await node.configure(context);
    } catch (error) {
      await parts.close?.();
      throw error;
    }
    this.parts = parts;
  }

  activate(): void {
    for (const node of this.parts.nodes) node.activate();
  }

  deactivate(): void {
    for (const node of [...this.parts.nodes].reverse()) node.deactivate();
  }

  async cleanup(): Promise<void> {
    const { nodes, close } = this.parts;
    this.parts = { nodes: [] };
    for (const node of [...nodes].reverse()) await node.cleanup();
    await close?.();
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    return Object.assign({ ...this.parts.told }, ...this.parts.nodes.map((node) => node.diagnostics?.() ?? {}));
  }
}
