/** What the components say, in the page's language. English is built in; other languages are files beside it. */

import english from "./texts/en.json";
import { told } from "./api.js";

/** @typedef {Record<string, string>} Texts */

const RIGHT_TO_LEFT = /^(ar|fa|he|iw|ur|yi)\b/;
/** @type {Map<string, Promise<Texts>>} */
const loaded = new Map();

/**
 * Fetch a file of texts; none where it does not come.
 * @param {string | URL} url
 * @returns {Promise<Texts>}
 */
const fetched = (url) =>
  fetch(url, { credentials: "omit" })
    .then((answer) => (answer.ok ? answer.json() : {}))
    .catch(() => ({}));

/** One language: its words, its numbers, its days. */
export class Language {
  /**
   * @param {string} locale
   * @param {Texts} texts
   */
  constructor(locale, texts) {
    this.locale = locale;
    this.texts = texts;
    this.dir = RIGHT_TO_LEFT.test(locale) ? "rtl" : "ltr";
    this.plural = new Intl.PluralRules(locale);
  }

  /**
   * Say a text. Its counted form is taken where there is one: `name.one`, `name.two`, `name.other`.
   * @param {string} name
   * @param {Record<string, string | number>} [values]
   * @returns {string}
   */
  say(name, values = {}) {
    const { count } = values;
    const counted = typeof count === "number" ? this.texts[`${name}.${this.plural.select(count)}`] : undefined;
    const text = counted ?? this.texts[name] ?? this.texts[`${name}.other`] ?? "";
    return text.replace(/\{(\w+)\}/g, (_, key) =>
      typeof values[key] === "number" ? values[key].toLocaleString(this.locale) : (values[key] ?? ""));
  }

  /**
   * Say a status: in the shop's own words where it has some, else as the API said it.
   * @param {{status?: string | null, label: string}} item
   */
  status(item) {
    return this.texts[`status.${item.status}`] ?? item.label;
  }

  /**
   * Say a calendar date; what is a month or a period stays as it is.
   * @param {string | null} day
   */
  day(day) {
    if (!day || !/^\d{4}-\d\d-\d\d$/.test(day)) return day ?? "";
    const form = /** @type {const} */ ({ day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
    return new Date(day).toLocaleDateString(this.locale, form);
  }

  /** @param {import("./api.js").Price | null} price */
  money(price) {
    if (!price) return "";
    const form = new Intl.NumberFormat(this.locale, { style: "currency", currency: price.currency });
    return form.format(price.amount / 10 ** (form.resolvedOptions().maximumFractionDigits ?? 2));
  }
}

/**
 * Return the language that an element stands in.
 * @param {Element} element
 */
export const localeOf = (element) => {
  const named = element.closest("[lang]")?.getAttribute("lang") || document.documentElement.lang;
  return named || navigator.language || "en";
};

/**
 * Load the texts of a language: English, over it the file that is shipped, over that the shop's own.
 * @param {string} locale
 * @returns {Promise<Language>}
 */
export async function language(locale) {
  let texts = loaded.get(locale);
  if (!texts) {
    texts = gathered(locale);
    loaded.set(locale, texts);
  }
  return new Language(locale, await texts);
}

/**
 * @param {string} locale
 * @returns {Promise<Texts>}
 */
async function gathered(locale) {
  const [name = ""] = locale.toLowerCase().split(/[-_]/);
  const own = told("texts");
  const [shipped, shops] = await Promise.all([
    name !== "en" && LOCALES.includes(name) ? fetched(new URL(`./${name}.json`, import.meta.url)) : {},
    own ? fetched(new URL(own.replace("{locale}", locale), document.baseURI)) : {},
  ]);
  return { ...english, ...shipped, ...shops };
}
