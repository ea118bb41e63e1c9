/**
 * `<standby-stores product="…">`: which stores have it, the nearest first, with their hours and telephone.
 *
 * It asks for the place only when its button is pressed, and sends it rounded to about a kilometre.
 */

import { ask } from "./api.js";
import { define, make, OUTDATED, StandbyElement } from "./element.js";
import { here } from "./place.js";

/** @typedef {import("./api.js").Store} Store */

export class StandbyStores extends StandbyElement {
  static observedAttributes = ["product", "sku", "lang"];
  about = "";

  /** @override */
  seconds() {
    return 0;
  }

  /** @override */
  async load() {
    const about = [...["product", "sku"].map((name) => this.getAttribute(name)), this.language.locale, this.say("moment")].join();
    if (about === this.about) return; // what was found stays when the page is looked at again
    this.about = about;
    this.begin("find");
    this.shelf = make("div", { part: "stores", role: "status" });
    this.show(make("div", { className: "buttons" }, ...["near", "all"].map((name) =>
      make("button", { type: "button", className: "second", part: `button ${name}`, id: name, onclick: () => this.find(name === "near") }, this.say(`stores.${name}`)))), this.shelf);
  }

  /** @param {boolean} near */
  async find(near) {
    const shelf = /** @type {HTMLElement} */ (this.shelf);
    shelf.replaceChildren(this.say("moment"));
    this.begin("find");
    const place = near ? await here() : "";
    const query = ["product", "sku"].filter((name) => this.getAttribute(name)).map((name) =>
      /** @type {[string, string]} */ ([name === "sku" ? name : "product_id", this.getAttribute(name) ?? ""]));
    if (place) query.push(["near", place]);
    try {
      /** @type {{items: Store[]}} */
      const { items } = await this.newest("find", ask("products/stores", { query }));
      shelf.replaceChildren(...(near && !place ? [make("p", {}, this.say("stores.nowhere"))] : []),
        items.length ? make("ul", {}, ...items.map((store) => this.store(store))) : make("p", {}, this.say("stores.none")));
      this.tell("stores", { items });
    } catch (error) {
      if (error !== OUTDATED) shelf.replaceChildren(make("p", {}, this.say("unknown")));
    }
  }

  /** @param {Store} store */
  store(store) {
    const { address, distance_km: distance, hours_today: hours } = store;
    const units = store.skus.length === 1 && store.skus[0]?.units_left; // of several, each has its own
    const open = store.open_now === null ? "" : this.say(store.open_now ? "stores.open" : "stores.closed");
    const today = hours ? hours.map((each) => `\u2066${each.join("–")}\u2069`).join(", ") : (store.hours_text ?? "");
    const far = distance === null ? "" : new Intl.NumberFormat(this.language.locale, { style: "unit", unit: "kilometer", maximumFractionDigits: 1 }).format(distance);
    return make("li", { part: "store" }, make("strong", {}, store.name ?? store.location_id), ...[
      far, typeof address === "string" ? address : Object.values(address ?? {}).join(", "), [open, today].filter(Boolean).join(" · "),
      units ? this.say("mark.few", { count: units }) : "",
    ].filter(Boolean).map((text) => make("span", {}, make("bdi", {}, text))), store.phone && make("a", { href: `tel:${store.phone}`, dir: "ltr" }, store.phone));
  }
}

define("standby-stores", StandbyStores);
