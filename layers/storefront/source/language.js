/** What the components say, in the page's language. English is built in; other languages are files beside it. */

import english from "./texts/en.json";
import { told } from "./api.js";

/** @typedef {Record<string, string>} Texts */

const RIGHT_TO_LEFT = /^(ar|fa|he|iw|ur|yi)\b/;
/** @type {Map<string, Promise<Texts>>} */
const loaded = new Map();

const PATIENCE_MS = 3_000;
const LONGEST_LOCALE = 35;

/**
 * Fetch a file of texts: nothing in it where there is no such file, `undefined` where it did not come.
 * @param {string} address
 * @param {string} beside
 * @returns {Promise<Texts | undefined>}
 */
async function fetched(address, beside) {
  try {
    const answer = await fetch(new URL(address, beside), { credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer.ok ? await answer.json() : answer.status === 404 ? {} : undefined;
  } catch {
    return undefined;
  }
}

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
 * Return the language that an element stands in, also where a page writes it as systems do (`he_IL.UTF-8`).
 * @param {Element} element
 */
export const localeOf = (element) => {
  const named = element.closest("[lang]")?.getAttribute("lang") || document.documentElement.lang || navigator.language;
  for (const said of [named.replace(/_/g, "-"), named.split(/[^a-z]/i, 1)[0] ?? ""]) {
    try {
      const { baseName } = new Intl.Locale(said.trim());
      if (baseName.length <= LONGEST_LOCALE) return baseName;
    } catch {
      // No name of a language; its first part may be one.
    }
  }
  return "en";
};

/**
 * Load the texts of a language: English, over it the file that is shipped, over that the shop's own. What did not come
 * is asked for again the next time.
 * @param {string} locale
 * @returns {Promise<Language>}
 */
export async function language(locale) {
  let texts = loaded.get(locale);
  if (!texts) {
    texts = gathered(locale, () => loaded.delete(locale));
    loaded.set(locale, texts);
  }
  return new Language(locale, await texts);
}

/**
 * @param {string} locale
 * @param {() => void} lost is called where a file did not come
 * @returns {Promise<Texts>}
 */
async function gathered(locale, lost) {
  const [name = ""] = locale.toLowerCase().split("-");
  const own = told("texts");
  const [shipped, shops] = await Promise.all([
    name !== "en" && LOCALES.includes(name) ? fetched(`./${name}.json`, import.meta.url) : {},
    own ? fetched(own.replace("{locale}", locale), document.baseURI) : {},
  ]);
  if (!shipped || !shops) lost();
  return { ...english, ...shipped, ...shops };
}
