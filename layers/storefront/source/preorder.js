/**
 * `<standby-preorder product="…" sku="…">`: order ahead what is not there yet: price, date, how few are left.
 *
 * Its button fires `standby-preorder`; the shop's server then makes the reservation, since that needs the shop's key.
 * Once the shop sets `held-until` (an instant), the element counts down, and fires `standby-expired` at the end.
 */

import { productOf } from "./api.js";
import { define, make, StandbyElement } from "./element.js";

export class StandbyPreorder extends StandbyElement {
  static observedAttributes = ["product", "sku", "held-until", "lang"];

  constructor() {
    super();
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.ticking = undefined;
    /** @type {number | undefined} the instant of which everybody heard that it is over */
    this.over = undefined;
  }

  /** Until when the shop says that the units are held, in milliseconds; NaN where it says nothing. */
  get until() {
    return Date.parse(this.getAttribute("held-until") ?? "");
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.ticking);
  }

  /** @override */
  async load() {
    clearInterval(this.ticking);
    if (this.until) return this.count(this.until);
    const product = await productOf(this.getAttribute("product") ?? "", this.language.locale);
    if (this.until) return undefined;
    const sku = this.getAttribute("sku");
    const variant = product.variants.find((each) => (sku ? each.sku === sku : each.actions.includes("preorder")));
    if (!variant?.actions.includes("preorder")) return this.show();
    const { language } = this;
    const lines = [
      ["price", language.money(variant.price)],
      ["status", language.status(variant)],
      ["date", variant.back_on ? this.say("yours", { day: language.day(variant.back_on) }) : ""],
      ["date", variant.release_on ? this.say("preorder.release", { day: language.day(variant.release_on) }) : ""],
    ];
    return this.show(...lines.map(([part, text]) => text && make("p", { part }, text)), make("button", { id: "order", type: "button", part: "button", onclick: () =>
      this.tell("preorder", { ...variant, product_id: product.product_id, quantity: 1 }) }, this.say("preorder.button")));
  }

  /** @override */
  fail() {
    this.unknown();
  }

  /** @param {number} until in milliseconds */
  count(until) {
    const clock = make("span", { part: "clock", className: "clock", role: "timer" });
    this.show(make("p", { part: "held" }, this.say("preorder.held"), " ", clock));
    const tick = () => {
      const left = Math.max(0, Math.ceil((until - Date.now()) / 1_000));
      clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      if (left) return;
      clearInterval(this.ticking);
      this.show(make("p", { part: "held" }, this.say("preorder.over")));
      if (this.over === until) return;
      this.over = until;
      this.announce(this.say("preorder.over"));
      this.tell("expired", { sku: this.getAttribute("sku") });
    };
    this.ticking = setInterval(tick, 1_000);
    tick();
  }
}

define("standby-preorder", StandbyPreorder);
