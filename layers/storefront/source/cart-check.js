/**
 * `<standby-cart-check for="#cart">`: says before payment what of a cart cannot be had any more.
 *
 * The cart's lines are elements with `data-standby-line` (a SKU) and `data-standby-quantity`. With `guard` it holds back
 * that form until all can be had. Where no answer comes the form goes through: the shop's own check comes after it.
 */

import { ask, inParts } from "./api.js";
import { define, make, StandbyElement } from "./element.js";

/** @typedef {import("./api.js").CheckedLine} CheckedLine */

const MOST_UNITS = 999_999;
const SLOW_MS = 800;
/** @type {Set<StandbyCartCheck>} */
const checks = new Set();
/** @type {WeakSet<HTMLFormElement>} forms whose carts are being checked, so that a second press changes nothing */
const held = new WeakSet();
/** @type {WeakSet<HTMLFormElement>} */
const passing = new WeakSet();

/**
 * Hold a form back until all that guard it let it pass. It comes before the shop's own listeners, so that none of them
 * orders what is not checked, or orders twice.
 * @param {Event} event
 */
async function guarded(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || event.defaultPrevented || passing.has(form)) return;
  const guards = [...checks].filter((check) => form.matches(check.getAttribute("guard") || ":not(*)"));
  if (!guards.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (held.has(form)) return;
  held.add(form);
  const sender = event instanceof SubmitEvent ? event.submitter : null;
  const passed = await Promise.all(guards.map((check) => check.passes()));
  held.delete(form);
  if (!passed.every(Boolean)) return;
  passing.add(form);
  const there = sender && /** @type {HTMLButtonElement} */ (sender).form === form && sender.isConnected;
  form.requestSubmit(there ? sender : null);
  passing.delete(form);
}
document.addEventListener("submit", guarded, true);

export class StandbyCartCheck extends StandbyElement {
  static observedAttributes = ["for", "lang"];

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    checks.add(this);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    checks.delete(this);
  }

  /** Tell whether a form may go through. Who waits long for that is told. */
  async passes() {
    const slow = setTimeout(() => {
      this.show(make("p", { part: "note" }, this.say("moment")));
      this.announce(this.say("moment"));
    }, SLOW_MS);
    try {
      return await this.check();
    } catch {
      this.show();
      return true;
    } finally {
      clearTimeout(slow);
    }
  }

  /** Ask for the cart as it stands in the page. Tells whether all of it can be had; raises `ApiError`. */
  async check() {
    this.begin("check");
    const turn = this.begun["check"];
    const place = document.querySelector(this.getAttribute("for") ?? "body") ?? document;
    const lines = [...place.querySelectorAll("[data-standby-line]")].map((line) => ({
      sku: line.getAttribute("data-standby-line"),
      quantity: Math.min(Math.max(1, Math.ceil(Number(line.getAttribute("data-standby-quantity")) || 1)), MOST_UNITS),
      title: line.getAttribute("data-standby-title") ?? line.getAttribute("data-standby-line") ?? "",
    }));
    if (!lines.length) {
      this.show();
      return true;
    }
    const query = /** @type {[string, string][]} */ ([["locale", this.language.locale]]);
    /** @param {typeof lines} part */
    const asking = (part) => ask("availability/check", { body: { lines: part.map(({ sku, quantity }) => ({ sku, quantity })) }, query });
    /** @type {(CheckedLine & {title: string})[]} */
    const checked = [];
    for await (const [part, answer] of inParts(lines, asking))
      checked.push(...answer.lines.map((/** @type {CheckedLine} */ line, /** @type {number} */ row) => ({ ...line, title: part[row]?.title ?? line.sku })));
    const missing = checked.filter((line) => !line.can_be_had);
    const answer = { can_be_had: !missing.length, lines: checked };
    if (turn !== this.begun["check"]) return answer.can_be_had; // a later one shows what it finds
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
