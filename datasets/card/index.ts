export { type CardContent, type CardFacts, cardFacts, type SignatureStatus } from './card_facts.ts';
export { type GatherOptions, gatherCard } from './gather_card.ts';
export { renderCard } from './render_card.ts';
