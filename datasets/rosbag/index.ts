export { type BagImport, type ImportedBag, type ImportedBags, importBags } from './import_bags.ts';
