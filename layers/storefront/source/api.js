/** The HTTP API as a page asks it: with a deadline, and without cookies. */

/**
 * @typedef {{amount: number, currency: string}} Price
 * @typedef {"buy" | "preorder" | "collect" | "wait"} Action
 * @typedef {{back_on: string | null, back_on_firm: boolean | null, release_on: string | null}} Expected
 * @typedef {Expected & {sku: string | null, product_id: string | null, status: string | null, label: string,
 *   units_left: number | null, actions: Action[], as_of: string | null}} Badge
 * @typedef {Expected & {sku: string, options: Record<string, string>, text: string, status: string | null, label: string,
 *   units_left: number | null, in_store: boolean, actions: Action[], price: Price | null}} Variant
 * @typedef {{product_id: string, title: string | null, price: Price | null, variants: Variant[],
 *   options: {name: string, text: string, values: {value: string, text: string}[]}[]}} Product
 * @typedef {{product_id: string, title: string | null, url: string | null, image: string | null, price: Price | null,
 *   label: string, sku: string | null}} Alternative
 * @typedef {{name: string | null, location_id: string, address: string | Record<string, unknown> | null,
 *   phone: string | null, distance_km: number | null, open_now: boolean | null, hours_today: string[][] | null,
 *   hours_text: string | null, skus: {sku: string, units_left: number | null}[]}} Store
 * @typedef {Expected & {sku: string, quantity: number, can_be_had: boolean, units: number, label: string}} CheckedLine
 */

const ASSETS = "/v1/storefront/";
const DEADLINE_MS = 8_000;
/** So many products or SKUs are asked for at once. */
export const MOST = 100;
/** So long may the query of one request be: a gateway takes 10,240 bytes of a request's first line and headers. */
const LONGEST_QUERY = 6_000;

/** What a request came to, where it came to nothing good. */
export class ApiError extends Error {
  /**
   * @param {number} status the answer's; 0 where none came in time
   * @param {string[]} [wrong] what the API finds wrong with the request
   * @param {number} [wait] for how many seconds it wants to be left alone
   */
  constructor(status, wrong = [], wait = 0) {
    super(`standby: ${status || "no answer"}`);
    this.status = status;
    this.wrong = wrong;
    this.wait = wait;
  }
}

/**
 * Return what the page says in a `<meta>` of this name.
 * @param {string} name
 */
export const told = (name) => document.querySelector(`meta[name="standby-${name}"]`)?.getAttribute("content") ?? "";

/** Return the API's address without a slash at the end: what the page says, else where this file came from. */
export function base() {
  const said = told("api");
  if (said) return said.replace(/\/+$/, "");
  const own = import.meta.url.indexOf(ASSETS);
  return own < 0 ? location.origin : import.meta.url.slice(0, own);
}

/**
 * Ask for JSON. Raises `ApiError`.
 * @param {string} path
 * @param {{query?: Iterable<[string, string]>, body?: object, signal?: AbortSignal}} [more]
 * @returns {Promise<any>}
 */
export async function ask(path, { query = [], body, signal } = {}) {
  const words = new URLSearchParams([...query]).toString();
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), DEADLINE_MS);
  const left = () => stop.abort();
  signal?.addEventListener("abort", left);
  try {
    const answer = await fetch(`${base()}/v1/${path}${words && "?"}${words}`, {
      ...(body && { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: stop.signal,
    });
    clock.heard(answer.headers.get("Date"));
    const said = await answer.json().catch(() => undefined);
    if (answer.ok && !said) throw new ApiError(0); // half an answer, or the page of a network that wants a log-in
    if (!answer.ok) throw new ApiError(answer.status, [said?.errors ?? []].flat().map(String), Number(answer.headers.get("Retry-After")) || 0);
    return said;
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(0);
  } finally {
    clearTimeout(late);
    signal?.removeEventListener("abort", left);
  }
}

/** What time it is where the API is: clocks of visitors are wrong by hours, and by years. */
export const clock = {
  ahead: 0,
  /** @param {string | null} date the header of an answer */
  heard(date) {
    const ahead = Date.parse(date ?? "") - Date.now();
    // The header has no more than seconds, and was on its way for some.
    if (ahead) this.ahead = Math.abs(ahead) < 10_000 ? 0 : ahead;
  },
  now() {
    return Date.now() + this.ahead;
  },
};

/** @typedef {[string, string][]} Query */

/**
 * Ask for many things in requests that are not too large, one after the other. A request that is refused as malformed
 * is halved, so that one SKU that is none costs the others nothing; what stands alone and is refused is left out.
 * @template Thing
 * @param {Thing[]} things
 * @param {(part: Thing[]) => Promise<any>} asking
 * @param {(thing: Thing) => number} [length] of a thing in a query
 * @returns {AsyncGenerator<[Thing[], any]>}
 */
export async function* inParts(things, asking, length = () => 0) {
  const parts = [];
  /** @type {Thing[]} */
  let part = [];
  let long = 0;
  for (const thing of things) {
    if (part.length === MOST || (long + length(thing) > LONGEST_QUERY && part.length)) {
      parts.push(part);
      [part, long] = [[], 0];
    }
    part.push(thing);
    long += length(thing);
  }
  if (part.length) parts.push(part);
  for (let next = parts.shift(); next; next = parts.shift()) {
    try {
      yield [next, await asking(next)];
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 400) throw error;
      const half = next.length >> 1;
      if (half) parts.unshift(next.slice(0, half), next.slice(half));
    }
  }
}

/** @type {Map<string, Promise<Product>>} */
const asked = new Map();

/**
 * Ask for a product with all of its variants; elements that ask at the same time share one request.
 * @param {string} product
 * @param {string} locale
 * @returns {Promise<Product>}
 */
export function productOf(product, locale) {
  const key = `${product} ${locale}`;
  let found = asked.get(key);
  if (!found) {
    // A SKU or an id with a slash does not fit a path, so ids stand in the query.
    const query = /** @type {[string, string][]} */ ([["product_id", product], ["format", "json"], ["locale", locale]]);
    found = ask("products/availability", { query }).finally(() => asked.delete(key));
    asked.set(key, found);
  }
  return found;
}
