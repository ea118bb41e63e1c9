/**
 * `<standby-preorder product="…" sku="…">`: order ahead what is not there yet: price, date, how few are left.
 *
 * Its button fires `standby-preorder`; the shop's server then makes the reservation, since that needs the shop's key.
 * Once the shop sets `held-until` (an instant), the element counts down, and fires `standby-expired` at the end.
 */

import { ask, clock, productOf } from "./api.js";
import { define, make, OUTDATED, StandbyElement } from "./element.js";

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
    if (this.until) return this.hold(this.until);
    const product = await this.newest("load", productOf(this.getAttribute("product") ?? "", this.language.locale));
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

  /**
   * Count down, by the API's clock where it tells. What is over by the visitor's clock alone may not be over.
   * @param {number} until in milliseconds
   */
  async hold(until) {
    const asked = this.newest("load", ask("availability", { query: [["sku", this.getAttribute("sku") ?? "-"], ["locale", this.language.locale]] }))
      .catch((error) => error);
    if (until > clock.now()) this.count(until);
    if ((await asked) !== OUTDATED) this.count(until);
  }

  /** @param {number} until in milliseconds */
  count(until) {
    clearInterval(this.ticking);
    const face = make("span", { part: "clock", className: "clock", role: "timer" });
    this.show(make("p", { part: "held" }, this.say("preorder.held"), " ", face));
    const tick = () => {
      const left = Math.max(0, Math.ceil((until - clock.now()) / 1_000));
      face.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
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
