/**
 * `<standby-cart-check for="#cart">`: says before payment what of a cart cannot be had any more.
 *
 * The cart's lines are elements with `data-standby-line` (a SKU) and `data-standby-quantity`. With `guard` it holds back
 * that form until all can be had. Where no answer comes the form goes through: the shop's own check comes after it.
 */

import { ask, MOST } from "./api.js";
import { define, make, StandbyElement } from "./element.js";

/** @typedef {import("./api.js").CheckedLine} CheckedLine */

export class StandbyCartCheck extends StandbyElement {
  static observedAttributes = ["for", "lang"];

  constructor() {
    super();
    this.passed = false;
    /** @param {Event} event */
    this.guarded = async (event) => {
      const form = event.target;
      const guard = this.getAttribute("guard");
      if (!guard || !(form instanceof HTMLFormElement) || !form.matches(guard) || this.passed) return;
      event.preventDefault();
      const sender = event instanceof SubmitEvent ? event.submitter : null;
      this.passed = await this.check().catch(() => true);
      if (this.passed) form.requestSubmit(sender);
      this.passed = false;
    };
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    document.addEventListener("submit", this.guarded);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("submit", this.guarded);
  }

  /** Ask for the cart as it stands in the page. Tells whether all of it can be had; raises `ApiError`. */
  async check() {
    const place = document.querySelector(this.getAttribute("for") ?? "body") ?? document;
    const lines = [...place.querySelectorAll("[data-standby-line]")].slice(0, MOST).map((line) => ({
      sku: line.getAttribute("data-standby-line"),
      quantity: Number(line.getAttribute("data-standby-quantity")) || 1,
      title: line.getAttribute("data-standby-title") ?? line.getAttribute("data-standby-line") ?? "",
    }));
    if (!lines.length) {
      this.show();
      return true;
    }
    const body = { lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) };
    const query = /** @type {[string, string][]} */ ([["locale", this.language.locale]]);
    /** @type {{can_be_had: boolean, lines: CheckedLine[]}} */
    const answer = await ask("availability/check", { body, query });
    const missing = answer.lines.map((line, row) => ({ ...line, title: lines[row]?.title ?? line.sku })).filter((line) => !line.can_be_had);
    this.announce(missing.length > 0 ? this.say("cart.some") : "");
    this.show(make("div", { part: "cart" }, missing.length > 0 && make("p", {}, this.say("cart.some")),
      missing.length > 0 && make("ul", {}, ...missing.map((line) => make("li", {}, `${line.title}: `,
        line.units ? this.say("cart.fewer", { count: line.units }) : this.language.status(line) || this.say("mark.gone"),
        line.back_on && ` · ${this.say("back", { day: this.language.day(line.back_on) })}`)))));
    this.tell("cart", answer);
    return answer.can_be_had;
  }

  /** @override */
  async load() {
    await this.check();
  }
}

define("standby-cart-check", StandbyCartCheck);
