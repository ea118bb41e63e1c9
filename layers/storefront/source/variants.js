/** What can be said of a product's variants without asking again. */

/**
 * @typedef {import("./api.js").Variant} Variant
 * @typedef {import("./api.js").Product} Product
 * @typedef {import("./language.js").Language} Language
 */

const BEST = /** @type {const} */ (["buy", "preorder", "collect", "wait"]);

/** @param {Variant} variant the least is the best; of what is had alike, many are better than few */
const rank = ({ actions, units_left: left }) => {
  const place = BEST.findIndex((action) => actions.includes(action));
  return (place < 0 ? BEST.length : place) + (left === null ? 0 : 0.5);
};

/**
 * Return the variants that have all that is chosen.
 * @param {Product} product
 * @param {Record<string, string>} choice
 */
export const fitting = ({ variants }, choice) =>
  variants.filter(({ options }) => Object.entries(choice).every(([name, value]) => options[name] === value));

/**
 * Tell whether options alone name each variant: all have all of them, and no two the same.
 * @param {Product} product
 */
export const toldApart = ({ options, variants }) => variants.length < 2 || (
  variants.every((variant) => options.every(({ name }) => name in variant.options)) &&
  new Set(variants.map((variant) => JSON.stringify(options.map(({ name }) => variant.options[name])))).size === variants.length);

/**
 * Return the variant among these that one would rather have.
 * @param {Variant[]} variants
 */
export const best = (variants) => [...variants].sort((one, other) => rank(one) - rank(other))[0];

/** @param {Variant | undefined} variant */
export const buyable = (variant) => !!variant && rank(variant) < 2;

/** @param {Variant} variant */
export const waitable = ({ actions }) => actions.includes("wait");

/** @param {Variant} variant */
export const named = ({ sku, text }) => text || sku;

/**
 * Say in a word or two what is to be had: how few there are, or why it cannot be bought; nothing where all is well.
 * @param {Language} language
 * @param {Variant | undefined} variant
 */
export function mark(language, variant) {
  if (!variant) return language.say("mark.none");
  if (variant.actions.includes("preorder")) return language.say("mark.ahead");
  if (!buyable(variant)) return language.say(variant.actions.includes("collect") ? "mark.store" : "mark.gone");
  return variant.units_left === null ? "" : language.say("mark.few", { count: variant.units_left });
}

/**
 * Return a choice with one value more; of the others those stay of which such a variant is made.
 * @param {Product} product
 * @param {Record<string, string>} choice
 * @param {Record<string, string>} wanted
 */
export function chosenAlso(product, choice, wanted) {
  let next = { ...wanted };
  for (const [name, value] of Object.entries(choice)) {
    const more = { [name]: value, ...next };
    if (fitting(product, more).length) next = more;
  }
  return next;
}
