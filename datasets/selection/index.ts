export * from './balance.ts';
export * from './close_pairs.ts';
export * from './expression.ts';
export { FIELDS, type FieldKind, fieldOf } from './fields.ts';
export * from './gather.ts';
export * from './leaks.ts';
export * from './select.ts';
export * from './splits.ts';
export * from './write_dataset.ts';
