/**
 * `<standby-badges>`: what can be had of each product of a listing, written into the shop's own markup.
 *
 * It looks inside itself, or where `for` points, for elements with `data-standby-product` or `data-standby-sku`. One
 * request asks for up to 100 of them. The label goes into the element with `data-standby-badge`; status and actions
 * become `data-standby-status` and `data-standby-actions`; a button `data-standby-wait` is shown where one can wait.
 */

import { ask, inParts } from "./api.js";
import { define, StandbyElement } from "./element.js";

/** @typedef {import("./api.js").Badge} Badge */

const KINDS = /** @type {const} */ ([["product_id", "data-standby-product"], ["sku", "data-standby-sku"]]);
const NAMES = KINDS.map(([, attribute]) => attribute);
const ITEMS = NAMES.map((attribute) => `[${attribute}]`).join();

export class StandbyBadges extends StandbyElement {
  static observedAttributes = ["for", "lang", "every"];

  constructor() {
    super();
    this.known = "";
    this.loading = false;
    /** @type {WeakMap<Element, string>} of whom an item shows the badge: a page may use it for another product */
    this.written = new WeakMap();
    /** @type {Set<string>} what is no SKU and no product's id, which nobody is asked about again */
    this.refused = new Set();
    this.observer = new MutationObserver(() => {
      if (!this.loading && this.names() !== this.known) this.watch.now();
    });
  }

  /** Return where the listing is. @returns {Element} */
  get listing() {
    const place = this.getAttribute("for");
    return (place && document.querySelector(place)) || this;
  }

  /** @returns {HTMLElement[]} */
  items() {
    return [...this.listing.querySelectorAll(ITEMS)].map((item) => /** @type {HTMLElement} */ (item));
  }

  names() {
    return this.language.locale + this.items().map((item) => KINDS.map(([, name]) => item.getAttribute(name)).join()).join();
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.look();
  }

  /** See what comes into the listing and what goes. */
  look() {
    this.observer.disconnect();
    this.observer.observe(this.listing, { childList: true, subtree: true, attributeFilter: NAMES });
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.observer.disconnect();
  }

  /** @override */
  async load() {
    if (this.loading) return; // what came in meanwhile is asked for when this is done
    this.loading = true;
    try {
      do {
        this.known = this.names();
        await Promise.all(KINDS.map(([kind, attribute]) => this.loadKind(kind, attribute)));
      } while (this.watch.running && this.names() !== this.known);
    } finally {
      this.loading = false;
    }
  }

  /** @param {"product_id" | "sku"} kind @param {string} attribute */
  async loadKind(kind, attribute) {
    const named = new Set(this.items().map((item) => item.getAttribute(attribute) ?? ""));
    const names = [...named].filter((name) => name && !this.refused.has(`${kind} ${name}`));
    const { locale } = this.language;
    /** @param {string[]} part */
    const asking = async (part) => {
      const query = part.map((name) => /** @type {[string, string]} */ ([kind, name]));
      return ask("availability", { query: [...query, ["locale", locale]] });
    };
    const left = new Set(names);
    const length = (/** @type {string} */ name) => kind.length + encodeURIComponent(name).length + 2;
    for await (const [part, answer] of inParts(names, asking, length)) {
      /** @type {Map<string, Badge>} */
      const badges = new Map(part.map((name, place) => [name, answer.items[place]]));
      for (const name of part) left.delete(name);
      for (const item of this.items()) {
        const badge = badges.get(item.getAttribute(attribute) ?? "");
        if (badge) this.write(item, badge, `${kind} ${item.getAttribute(attribute)}`);
      }
      this.tell("badges", { items: answer.items });
    }
    for (const name of left) this.refused.add(`${kind} ${name}`);
  }

  /** @param {HTMLElement} item @param {Badge} badge @param {string} whose */
  write(item, badge, whose) {
    const before = [undefined, whose].includes(this.written.get(item)) ? item.dataset.standbyStatus : undefined;
    this.written.set(item, whose);
    if (!badge.status) return; // nobody named it: the shop's own words stay
    const label = this.language.status(badge);
    const [place, ...others] = item.matches("[data-standby-badge]") ? [item] : item.querySelectorAll("[data-standby-badge]");
    for (const each of [place, ...others]) if (each && each.textContent !== label) each.textContent = label;
    item.dataset.standbyStatus = badge.status;
    item.dataset.standbyActions = badge.actions.join(" ");
    for (const button of item.querySelectorAll("[data-standby-wait]"))
      button.toggleAttribute("hidden", !badge.actions.includes("wait"));
    if (before && before !== badge.status) this.tell("changed", { ...badge, before });
  }
}

define("standby-badges", StandbyBadges);
