/**
 * `<standby-availability product="…">`: which sizes and colours there are, at a glance, and which one is chosen.
 *
 * `as` is `chips` (a row of buttons an option), `grid` (two options as a table) or `list` (a drop-down). What is sold
 * out is shown as missing and can be chosen all the same, since one can wait for it. In a form it is a field called
 * `name`, whose value is the chosen SKU. What stands in the element is shown until the answer comes, and where none does.
 */

import { productOf } from "./api.js";
import { define, make, StandbyElement } from "./element.js";
import { onConsent, remember, remembered } from "./memory.js";
import { best, buyable, chosenAlso, fitting, mark, named, toldApart, waitable } from "./variants.js";

/** @typedef {import("./variants.js").Variant} Variant */
/** @typedef {import("./variants.js").Product} Product */

export class StandbyAvailability extends StandbyElement {
  static formAssociated = true;
  static observedAttributes = ["product", "as", "lang", "sku"];

  constructor() {
    super();
    this.internals = this.attachInternals();
    /** @type {Product | undefined} */
    this.product = undefined;
    /** @type {Record<string, string>} */
    this.choice = {};
    /** @type {Variant | undefined} */
    this.chosen = undefined;
    /** The SKU that the list names: options alone may not tell variants apart. */
    this.named = "";
    this.shown = "";
    /** What `choice` was made for: the product and the SKU that the page says. @type {(string | null)[]} */
    this.about = [];
    this.deaf = () => {};
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.deaf = onConsent(() => remember(this.choice));
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.deaf();
  }

  /** The chosen SKU; empty where none is. */
  get value() {
    return this.chosen?.sku ?? "";
  }

  /** @override */
  async load() {
    const about = ["product", "sku"].map((name) => this.getAttribute(name));
    if (about[0] !== this.about[0]) this.forget(); // nobody puts the last product's size into the cart of this one
    const product = await this.newest("load", productOf(about[0] ?? "", this.language.locale));
    if (about.join("\n") !== this.about.join("\n")) {
      this.choice = this.first(product);
      this.about = about;
    }
    this.product = product;
    const shown = JSON.stringify([product.variants, this.choice, this.getAttribute("as"), this.language.locale, this.say("choose")]);
    if (shown === this.shown) return;
    this.shown = shown;
    this.draw();
  }

  /** Know of no product, and have none chosen. */
  forget() {
    this.product = undefined;
    this.chosen = undefined;
    this.about = [];
    this.shown = "";
    this.internals.setFormValue(null);
  }

  /** @override */
  fail() {
    if (!this.product) this.unknown();
    this.shown &&= "";
  }

  /**
   * Return what is chosen before anybody chooses: what the page says, what was chosen before, what there is one of.
   * @param {Product} product
   */
  first(product) {
    const said = product.variants.find(({ sku }) => sku === this.getAttribute("sku"));
    this.named = said?.sku ?? "";
    if (said) return { ...said.options };
    const known = remembered();
    let choice = {};
    for (const { name, values } of product.options) {
      const only = values.length === 1 ? values[0]?.value : known[name];
      if (only && values.some(({ value }) => value === only)) choice = chosenAlso(product, choice, { [name]: only });
    }
    return choice;
  }

  /** @param {Record<string, string>} wanted @param {string} [sku] */
  choose(wanted, sku = "") {
    if (!this.product) return;
    this.named = sku;
    this.choice = chosenAlso(this.product, this.choice, wanted);
    remember(this.choice);
    this.draw();
  }

  draw() {
    const product = /** @type {Product} */ (this.product);
    const found = fitting(product, this.choice);
    const before = this.chosen;
    const [one, ...others] = found;
    this.chosen = found.find(({ sku }) => sku === this.named)
      ?? (one && !others.length && Object.keys(one.options).every((name) => name in this.choice) ? one : undefined);
    this.internals.setFormValue(this.chosen?.sku ?? null);
    const form = this.getAttribute("as");
    const picker = form === "list" || !toldApart(product) ? this.list(product)
      : form === "grid" && product.options.length === 2 ? this.grid(product) : this.chips(product);
    this.show(...picker, this.summary(found));
    if (this.chosen && before?.sku !== this.chosen.sku) this.tell("chosen", this.chosen);
    else if (this.chosen && before?.status !== this.chosen.status) this.tell("changed", { ...this.chosen, before: before?.status });
  }

  /**
   * Make a radio button that looks like a chip.
   * @param {string} group
   * @param {string} id
   * @param {string} text
   * @param {Variant | undefined} variant
   * @param {boolean} checked
   * @param {() => void} chosen
   * @param {string} [well] what is said where all is well
   */
  chip(group, id, text, variant, checked, chosen, well = "") {
    const said = mark(this.language, variant) || well;
    return make("label", { part: `chip ${variant ? variant.status : "none"}`, className: buyable(variant) ? "chip" : "chip gone" },
      make("input", { type: "radio", name: group, id, checked, onchange: chosen }),
      make("span", { className: "value" }, text), said && make("small", {}, said));
  }

  /** @param {Product} product */
  chips(product) {
    return product.options.map(({ name, text, values }, row) => {
      const { [name]: _, ...others } = this.choice;
      return make("fieldset", {}, make("legend", {}, text), make("div", { className: "chips", part: "chips" },
        ...values.map(({ value, text: called }, place) => {
          const wanted = { [name]: value };
          const variant = best(fitting(product, { ...others, ...wanted })) ;
          return this.chip(`o${row}`, `o${row}-${place}`, called, variant, this.choice[name] === value, () => this.choose(wanted));
        })));
    });
  }

  /** @param {Product} product */
  grid(product) {
    const [rows, columns] = product.options;
    if (!rows || !columns) return [];
    return [make("div", { className: "scrolls", role: "radiogroup", ariaLabel: `${rows.text} · ${columns.text}` }, make("table", { part: "grid" },
      make("thead", {}, make("tr", {}, make("td", {}), ...columns.values.map(({ text }) => make("th", { scope: "col" }, text)))),
      make("tbody", {}, ...rows.values.map(({ value: row, text: line }, down) => make("tr", {}, make("th", { scope: "row" }, line),
        ...columns.values.map(({ value: column, text: head }, across) => {
          const wanted = { [rows.name]: row, [columns.name]: column };
          const variant = best(fitting(product, wanted));
          if (!variant) return make("td", { part: "none" }, make("span", { className: "unseen" }, this.say("mark.none")));
          const chip = this.chip("g", `g${down}-${across}`, "", variant, this.chosen === variant, () => this.choose(wanted), this.say("mark.here"));
          chip.querySelector(".value")?.append(make("span", { className: "unseen" }, `${line}, ${head}: `));
          return make("td", {}, chip);
        }))))))];
  }

  /** @param {Product} product */
  list(product) {
    const label = product.options.map(({ text }) => text).join(" · ") || this.say("choose");
    const select = make("select", { id: "list", part: "list" }, make("option", { value: "" }, this.say("choose")),
      ...product.variants.map((variant) => {
        const said = mark(this.language, variant);
        return make("option", { value: variant.sku, selected: variant === this.chosen }, named(variant) + (said && `: ${said}`));
      }));
    select.onchange = () => {
      const variant = product.variants.find(({ sku }) => sku === select.value);
      this.choice = {};
      this.choose(variant ? variant.options : {}, variant?.sku);
    };
    return [make("label", { htmlFor: "list" }, label), select];
  }

  /** @param {Variant[]} found */
  summary(found) {
    const variant = this.chosen ?? (found.some(buyable) ? undefined : best(found));
    const said = variant ? [this.language.status(variant), this.language.money(variant.price)] : [this.say("choose")];
    if (variant?.back_on) said.push(this.say(buyable(variant) ? "yours" : "back", { day: this.language.day(variant.back_on) }));
    const skus = found.filter((each) => waitable(each)).map(({ sku }) => sku);
    const waits = !this.hasAttribute("no-wait") && variant && waitable(variant) && skus.length;
    const text = said.filter(Boolean).join(" · ");
    if (this.chosen) this.announce(text);
    return make("div", { className: "summary" }, make("p", { part: "status" }, text),
      waits ? make("button", { id: "wait", type: "button", className: buyable(variant) ? "second" : "", part: "button wait", onclick: () =>
        this.tell("wait", { product_id: this.product?.product_id, skus, opener: this }) }, this.say("wait")) : null);
  }
}

define("standby-availability", StandbyAvailability);
