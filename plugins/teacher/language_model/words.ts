/** Words of missions and observations, English and French, by what they are for. */

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Words that stand before a thing. */
export const ARTICLES = words("a an the un une le la les");

/** Words of missions that name no thing: directions, places, deeds, and what joins them. */
export const NAMELESS = words(
  `left right forward forwards backward backwards straight front back behind ahead beside near far above
  below over under up down north south east west here there top bottom middle corner
  gauche droite devant derrière avant arrière haut bas
  to of on in at from with into onto by for off out away around through between next and or then after
  before until not you your yours it its your's is are one step steps
  à de du des sur dans avec et ou puis après vers pas votre ta ton tes vous tu
  go get walk move turn see open close opened closed locked unlock lock pick take grab put place drop
  carry hold find reach use push pull toggle
  aller va prends pose ouvre ouverte fermée`,
);

/** Words that say where a thing is, of those that name none. */
export const PLACES = words(
  `left right front behind ahead beside near far above below north south east west top bottom middle
  corner gauche droite devant derrière`,
);

/** Words that say how a thing is just now. */
export const CONDITIONS = words("open closed locked ouverte fermée");

/** Names of what stands around things: no mission means it. */
export const SURROUNDINGS = words("wall floor mur sol");

/** Names that fit every thing. */
export const ANYTHING = words("thing object objet chose");

/** Words that say that a thing is held. */
export const HOLDING = words("carry carries hold holds portes tiens");

/** A number in digits. */
export const NUMBER = /^\d+$/;

const PUNCTUATION = /[.,;:!?]+$/;

/** A word without the marks behind it. */
export function withoutMarks(word: string): string {
  return word.replace(PUNCTUATION, "");
}

/** The words of a text, without marks behind them. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/).map(withoutMarks).filter((word) => word);
}
