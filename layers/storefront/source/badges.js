/**
 * `<standby-badges>`: what can be had of each product of a listing, written into the shop's own markup.
 *
 * It looks inside itself, or where `for` points, for elements with `data-standby-product` or `data-standby-sku`. One
 * request asks for up to 100 of them. The label goes into the element with `data-standby-badge`; status and actions
 * become `data-standby-status` and `data-standby-actions`; a button `data-standby-wait` is shown where one can wait.
 */

import { ask, MOST } from "./api.js";
import { define, StandbyElement } from "./element.js";

/** @typedef {import("./api.js").Badge} Badge */

const KINDS = /** @type {const} */ ([["product_id", "data-standby-product"], ["sku", "data-standby-sku"]]);
const ITEMS = KINDS.map(([, attribute]) => `[${attribute}]`).join();

export class StandbyBadges extends StandbyElement {
  static observedAttributes = ["for", "lang", "every"];

  constructor() {
    super();
    this.known = "";
    this.observer = new MutationObserver(() => {
      if (this.names() !== this.known) this.watch.now();
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
    return this.items().map((item) => KINDS.map(([, name]) => item.getAttribute(name)).join()).join();
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.observer.observe(this.listing, { childList: true, subtree: true });
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.observer.disconnect();
  }

  /** @override */
  async load() {
    this.known = this.names();
    await Promise.all(KINDS.map(([kind, attribute]) => this.loadKind(kind, attribute)));
  }

  /** @param {"product_id" | "sku"} kind @param {string} attribute */
  async loadKind(kind, attribute) {
    const items = this.items().filter((item) => item.hasAttribute(attribute));
    const names = [...new Set(items.map((item) => item.getAttribute(attribute) ?? ""))].filter(Boolean);
    for (let start = 0; start < names.length; start += MOST) {
      const query = names.slice(start, start + MOST).map((name) => /** @type {[string, string]} */ ([kind, name]));
      query.push(["locale", this.language.locale]);
      /** @type {{items: Badge[]}} */
      const answer = await ask("availability", { query });
      answer.items.forEach((badge, place) => {
        const name = names[start + place];
        for (const item of items) if (item.getAttribute(attribute) === name) this.write(item, badge);
      });
      this.tell("badges", { items: answer.items });
    }
  }

  /** @param {HTMLElement} item @param {Badge} badge */
  write(item, badge) {
    const before = item.dataset.standbyStatus;
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
