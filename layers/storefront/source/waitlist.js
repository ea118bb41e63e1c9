/**
 * `<standby-waitlist>`: "e-mail me when available", in a pop-over for a listing or a product's page.
 *
 * One element serves a whole page. It opens on a button `data-standby-wait` (whose product or SKU is named by itself or
 * by what it stands in), on `<standby-availability>`'s event `standby-wait`, by `open()`, and by its own button where
 * `product` names a product one can wait for. `wording` is the version of the consent's words; with other words, in the
 * slot `consent`, comes another version. `without="marketing digest"` leaves these boxes out. With
 * `nearest` it has a button for who wants the nearest store named in the mail: only that asks for the place.
 */

import { ApiError, ask, clock, productOf, told } from "./api.js";
import { define, make, OUTDATED, StandbyElement } from "./element.js";
import { here } from "./place.js";
import { mark, named, waitable } from "./variants.js";

/** @typedef {{product_id?: string | null, skus?: string[]}} Wanted */
/** @typedef {import("./variants.js").Product} Product */

const MOST_SKUS = 10;
const WORDING = "standby-1";
const FIELDS = ["email", "quantity", "until"];
const HOLDERS = "[data-standby-product],[data-standby-sku]";

/**
 * Return what a button of the shop's is for.
 * @param {EventTarget | undefined} target
 * @returns {Wanted | undefined}
 */
function pressed(target) {
  const button = target instanceof Element && target.closest("[data-standby-wait]");
  const holder = button && button.closest(HOLDERS);
  if (!(holder instanceof HTMLElement)) return undefined;
  const { standbyProduct, standbySku } = holder.dataset;
  return { product_id: standbyProduct ?? null, skus: standbySku ? [standbySku] : [] };
}

export class StandbyWaitlist extends StandbyElement {
  static observedAttributes = ["product", "lang"];

  constructor() {
    super();
    this.dialog = make("dialog", { part: "dialog", "aria-labelledby": "title" });
    // A press beside it closes it; one that only ends there, such as of who marked a text with the mouse, does not.
    let beside = false;
    /** @param {MouseEvent} event */
    const isBeside = ({ target, clientX, clientY }) => {
      const { left, right, top, bottom } = this.dialog.getBoundingClientRect();
      return target === this.dialog && (clientX < left || clientX > right || clientY < top || clientY > bottom);
    };
    this.dialog.addEventListener("pointerdown", (event) => (beside = isBeside(event)));
    this.dialog.addEventListener("click", (event) => beside && isBeside(event) && this.dialog.close());
    this.dialog.addEventListener("close", () => !this.dialog.open && this.begin("open"));
    /** @param {Event} event */
    this.heard = (event) => {
      const wanted = event.type === "click" ? pressed(event.composedPath()[0])
        : /** @type {CustomEvent<Wanted>} */ (event).detail;
      if (!wanted || event.defaultPrevented) return;
      event.preventDefault(); // another such element on the page leaves it to this one
      this.open(wanted);
    };
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    for (const name of ["click", "standby-wait"]) document.addEventListener(name, this.heard);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.dialog.close(); // moved within the page, it would stand there open and hold nothing back
    for (const name of ["click", "standby-wait"]) document.removeEventListener(name, this.heard);
  }

  /** @override */
  seconds() {
    return 0;
  }

  /** @override */
  async load() {
    const name = this.getAttribute("product");
    const product = name ? await this.newest("load", productOf(name, this.language.locale)) : undefined;
    const button = product?.variants.some(waitable) && make("button",
      { type: "button", part: "button wait", onclick: () => this.open({ product_id: product.product_id }) }, this.say("wait"));
    if (!this.dialog.open) this.show(button, this.dialog);
  }

  /**
   * Open the pop-over.
   * @param {Wanted} wanted the product, and the SKUs that are ticked
   */
  async open({ product_id: productId, skus = [] }) {
    this.begin("open");
    this.fill("waitlist.title", make("p", { role: "status" }, this.say("moment")));
    if (!this.root.contains(this.dialog)) this.show(this.dialog);
    if (!this.dialog.open) this.dialog.showModal();
    try {
      const product = productId ? await this.newest("open", productOf(productId, this.language.locale)) : undefined;
      this.form(product, skus);
    } catch (error) {
      if (error === OUTDATED) return;
      if (skus.length) this.form(undefined, skus);
      else
        this.fill("waitlist.title", make("p", { role: "alert" }, this.say("unknown")),
          make("button", { type: "button", part: "button", onclick: () => this.open({ product_id: productId ?? null, skus }) }, this.say("again")));
    }
  }

  /**
   * Fill the pop-over.
   * @param {string} title
   * @param {...import("./element.js").Child} children
   */
  fill(title, ...children) {
    const head = make("h2", { id: "title", tabIndex: -1 }, this.say(title));
    this.dialog.replaceChildren(
      make("button", { type: "button", part: "close", className: "close", ariaLabel: this.say("close"), onclick: () => this.dialog.close() }, "×"),
      head, ...children.filter(Boolean).map((child) => /** @type {Node} */ (child)));
    return head;
  }

  /** @param {Product | undefined} product @param {string[]} ticked */
  form(product, ticked) {
    const variants = product?.variants.filter((each) => waitable(each) || ticked.includes(each.sku)) ?? [];
    if (product && !variants.length) {
      this.fill("waitlist.title", make("p", { role: "status" }, this.say("waitlist.here")));
      return;
    }
    const several = variants.length > 1;
    const error = make("p", { id: "error", part: "error", role: "alert" });
    /** @param {string} type @param {string} name @param {string} text @param {object} [more] */
    const box = (type, name, text, more) => make("label", { className: "box" }, make("input", { type, name, ...more }), " ", text);
    /** @param {string} name @param {object} more */
    const field = (name, more) => make("label", {}, make("span", {}, this.say(`waitlist.${name}`)), make("input", { name, ...more }));
    const left = (this.getAttribute("without") ?? "").split(" ");
    const form = make("form", { noValidate: true, part: "form" },
      product?.title ? make("p", { className: "what" }, product.title, several ? null : ` ${variants[0]?.text ?? ""}`) : null,
      several ? make("fieldset", {}, make("legend", {}, this.say("waitlist.which")), make("div", { className: "boxes" },
        ...variants.map((each) => box("checkbox", "sku", named(each),
          { value: each.sku, checked: ticked.includes(each.sku), title: mark(this.language, each) })))) : null,
      field("email", { type: "email", required: true, autocomplete: "email", maxLength: 254, dir: "ltr", "aria-describedby": "error" }),
      make("div", { className: "pair" },
        field("quantity", { type: "number", min: 1, max: 999, value: "1", inputMode: "numeric", required: true }),
        field("until", { type: "date", min: new Date(clock.now()).toLocaleDateString("sv") })),
      ...["marketing", "digest"].filter((name) => !left.includes(name)).map((name) => box("checkbox", name, this.say(`waitlist.${name}`))),
      this.hasAttribute("nearest") ? this.place() : null,
      make("p", { part: "consent", className: "small" }, make("slot", { name: "consent" }, this.say("waitlist.consent"))),
      error, make("button", { type: "submit", part: "button submit" }, this.say("waitlist.submit")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(form, error, several ? null : [variants[0]?.sku ?? ticked[0] ?? ""], product?.title ?? "");
    });
    this.fill("waitlist.title", form);
    form.querySelector("input")?.focus();
  }

  /** Return the button that asks for the place, and takes it back where it is pressed again. */
  place() {
    const near = make("input", { type: "hidden", name: "near" });
    const note = make("p", { role: "status", className: "small" });
    const button = make("button", { type: "button", className: "second", part: "button near", ariaPressed: "false", onclick: async () => {
      if (button.ariaBusy === "true") return; // the browser asks them already
      button.ariaBusy = "true";
      if (!near.value) note.textContent = this.say("moment");
      near.value = near.value ? "" : await here();
      button.ariaPressed = String(Boolean(near.value));
      button.ariaBusy = "false";
      note.textContent = this.say(near.value ? "waitlist.near.kept" : "waitlist.near.none");
    } }, this.say("waitlist.near"));
    return make("div", { part: "place" }, near, button, note);
  }

  /** @param {HTMLFormElement} form @param {HTMLElement} error @param {string[] | null} one @param {string} title */
  async send(form, error, one, title) {
    const said = new FormData(form);
    /** @param {string} name */
    const text = (name) => String(said.get(name) ?? "").trim();
    const skus = one ?? said.getAll("sku").map(String);
    const fields = form.elements;
    /** @param {string} name @param {string} message @param {Record<string, string | number>} [values] */
    const wrong = (name, message, values) => {
      error.textContent = this.say(`waitlist.${message}`, values);
      for (const each of form.querySelectorAll("input")) each.ariaInvalid = each.name === name ? "true" : null;
      const field = fields.namedItem(name);
      const first = field instanceof RadioNodeList ? field[0] : field;
      if (first instanceof HTMLElement) first.focus();
    };
    if (!skus.length || skus.length > MOST_SKUS) return wrong("sku", "wrong.which", { count: MOST_SKUS });
    for (const name of FIELDS) {
      const field = fields.namedItem(name);
      if (field instanceof HTMLInputElement && !field.validity.valid) return wrong(name, `wrong.${name}`);
    }
    const button = /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]"));
    error.textContent = "";
    button.disabled = true;
    const quantity = Number(text("quantity"));
    const { locale } = this.language;
    const turn = this.begun["open"];
    const own = this.querySelector("[slot=consent]") || told("texts"); // a version names words that were shown
    try {
      await ask("waitlist", { body: {
        email: text("email"), skus, quantity, locale, ...(text("until") && { until: text("until") }), ...(text("near") && { near: text("near") }),
        time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        consent: { wording: (own && this.getAttribute("wording")) || `${WORDING}.${locale}`, marketing: said.has("marketing") },
        digest: said.has("digest"),
      } });
      this.tell("waiting", { skus, quantity });
      if (turn === this.begun["open"]) this.next(text("email"), title);
    } catch (problem) {
      if (turn !== this.begun["open"]) return undefined; // closed, or opened for something else
      button.disabled = false;
      const { status, wait, wrong: reasons } = problem instanceof ApiError ? problem : new ApiError(0);
      // What the visitor can mend is named; of all else, such as a SKU that is none, the address is not to blame.
      const name = status === 400 && FIELDS.find((field) => reasons.some((reason) => reason.startsWith(field)));
      if (name) wrong(name, `wrong.${name}`);
      else wrong("", status === 429 ? "wrong.many" : "wrong.lost", { count: wait || 60 });
    }
    return undefined;
  }

  /** Say what happens next. @param {string} email @param {string} title */
  next(email, title) {
    const what = title || this.say("waitlist.it");
    this.fill("waitlist.next", make("ol", { part: "next" },
      ...["confirm", "told", "leave"].map((step) => make("li", {}, this.say(`waitlist.next.${step}`, { email, what })))),
      make("button", { type: "button", part: "button", onclick: () => this.dialog.close() }, this.say("waitlist.done"))).focus();
  }
}

define("standby-waitlist", StandbyWaitlist);
