/**
 * `<standby-alternatives product="…">`: what can be bought instead, as links with a picture, price and status.
 *
 * They lead where the catalogue says. `page="/p/{product_id}"` and `picture="…"` are the shop's own addresses, which come
 * before that: a shop that is tried out stays in itself, and a catalogue need not know addresses.
 */

import { ask } from "./api.js";
import { define, make, StandbyElement } from "./element.js";

export class StandbyAlternatives extends StandbyElement {
  static observedAttributes = ["product", "choice", "most", "page", "picture", "lang"];

  /**
   * Return the shop's own address of a product, where the page says how these are made.
   * @param {"page" | "picture"} of
   * @param {{product_id: string}} item
   */
  address(of, { product_id }) {
    const made = this.getAttribute(of)?.replaceAll("{product_id}", encodeURIComponent(product_id));
    return made && new URL(made, document.baseURI).href;
  }

  /** @override */
  async load() {
    const query = /** @type {[string, string][]} */ ([["product_id", this.getAttribute("product") ?? ""], ["locale", this.language.locale]]);
    const choice = this.getAttribute("choice");
    if (choice) query.push(["choice", choice]);
    /** @type {{items: import("./api.js").Alternative[]}} */
    const { items } = await this.newest("load", ask("products/alternatives", { query }));
    const placed = items.map((item) => ({ ...item, url: this.address("page", item) ?? item.url, image: this.address("picture", item) ?? item.image }));
    const shown = placed.filter(({ url }) => /^https?:/.test(url ?? "")).slice(0, Number(this.getAttribute("most")) || 4);
    if (!shown.length) {
      this.show(make("slot"));
      this.rest(false);
      return;
    }
    this.show(make("h2", { part: "title" }, this.say("alternatives.title")),
      make("ul", { part: "products", className: "products" }, ...shown.map((item) => make("li", {}, make("a",
        { href: item.url, part: "product", onclick: (/** @type {Event} */ event) => this.tell("alternative", item) || event.preventDefault() },
        item.image && make("img", { src: item.image, alt: "", width: 240, height: 240, loading: "lazy" }),
        make("span", {}, item.title ?? item.product_id), make("small", {}, [this.language.money(item.price), this.language.status(item)].filter(Boolean).join(" · ")))))));
  }
}

define("standby-alternatives", StandbyAlternatives);
