/** What all elements have in common: a shadow root, a language, a style that the shop can change. */

import css from "./style.css";
import { language, localeOf, Language } from "./language.js";
import { Watch } from "./watch.js";

/** @typedef {Node | string | null | undefined | false} Child */

/** Is raised where something was asked for anew before the answer came. */
export const OUTDATED = new Error("standby: outdated");

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

/**
 * Make an element. A property that the element knows is set, any other is an attribute; texts are never read as HTML.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [given]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (name in made && name !== "part" && name !== "form") Object.assign(made, { [name]: value });
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child || child === "").map((child) => /** @type {Node | string} */ (child)));
  return made;
}

/** An element whose children stand in the page as they are until, and unless, it has something to show. */
export class StandbyElement extends HTMLElement {
  constructor() {
    super();
    this.root = this.attachShadow({ mode: "open" });
    this.root.adoptedStyleSheets = [sheet];
    this.live = make("p", { role: "status", className: "unseen" });
    this.root.append(make("slot"), this.live);
    this.language = new Language("en", {});
    this.watch = new Watch(() => this.refreshed(), () => this.seconds());
    /** @type {Record<string, number>} how often each thing was begun */
    this.begun = {};
    /** @type {Set<Element>} the page's own fields that rest, which nobody else switched off */
    this.resting = new Set();
  }

  connectedCallback() {
    this.watch.start();
  }

  disconnectedCallback() {
    this.watch.stop();
    this.begin("load");
  }

  /**
   * Begin something: what an earlier begin of it still asks for is nothing to show any more.
   * @param {string} what
   */
  begin(what) {
    this.begun[what] = (this.begun[what] ?? 0) + 1;
  }

  /**
   * Wait for an answer. Raises `OUTDATED` where it was begun again meanwhile, whatever the answer would have been.
   * @template Answer
   * @param {string} what
   * @param {Promise<Answer>} asked
   */
  async newest(what, asked) {
    const turn = this.begun[what];
    const answer = await asked.catch((error) => ({ error }));
    if (turn !== this.begun[what]) throw OUTDATED;
    if (answer && typeof answer === "object" && "error" in answer) throw answer.error;
    return /** @type {Answer} */ (answer);
  }

  /** @param {string} _name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(_name, before, after) {
    if (this.watch.running && before !== after) this.watch.now();
  }

  /** Return after how many seconds the element asks again. */
  seconds() {
    return Number(this.getAttribute("every") ?? 30) || 0;
  }

  /** Ask, and show what is answered; what the page shows stays where no answer comes. */
  async refreshed() {
    this.begin("load");
    try {
      this.language = await this.newest("load", language(localeOf(this)));
      await this.load();
      this.toggleAttribute("data-standby-failed", false);
    } catch (error) {
      if (error === OUTDATED) return;
      this.toggleAttribute("data-standby-failed", true);
      this.tell("failed", { status: /** @type {{status?: number}} */ (error).status ?? 0 });
      this.fail();
      throw error;
    }
  }

  /** @returns {Promise<void>} */
  async load() {}

  /** Say that no answer came. */
  fail() {}

  /**
   * Say a text.
   * @param {string} name
   * @param {Record<string, string | number>} [values]
   */
  say(name, values) {
    return this.language.say(name, values);
  }

  /**
   * Tell the page what happened, by an event `standby-<name>` that bubbles. Tells whether nobody prevented it.
   * @param {string} name
   * @param {object} detail
   */
  tell(name, detail) {
    return this.dispatchEvent(
      new CustomEvent(`standby-${name}`, { detail, bubbles: true, composed: true, cancelable: true }));
  }

  /**
   * Put this in place of what is shown; what has the focus keeps it where it has the same `id` or value afterwards.
   * @param {...Child} children
   */
  show(...children) {
    const focused = this.root.activeElement;
    const holder = make("div", { part: "content", dir: this.language.dir, lang: this.language.locale });
    holder.append(...children.filter(Boolean).map((child) => /** @type {Node | string} */ (child)));
    this.root.firstChild?.replaceWith(holder);
    this.rest(true);
    if (focused?.id) this.root.getElementById(focused.id)?.focus();
  }

  /**
   * Say a text to those who hear the page; they hear only what changes in a place that stays.
   * @param {string} text
   */
  announce(text) {
    if (this.live.textContent !== text) this.live.textContent = text;
  }

  /**
   * Let the page's own fields in the element rest while they are not shown, so that no form sends them.
   * @param {boolean} resting
   */
  rest(resting) {
    for (const field of this.querySelectorAll("button, input, select, textarea")) {
      if (resting ? field.closest("[slot]") || field.hasAttribute("disabled") : !this.resting.delete(field)) continue;
      if (resting) this.resting.add(field);
      field.toggleAttribute("disabled", resting);
    }
  }

  /** Say that nobody knows now, beside what the page itself shows, with a button to ask again. */
  unknown() {
    this.show(
      make("slot"),
      make("p", { part: "note" }, this.say("unknown"), " ",
        make("button", { id: "again", type: "button", className: "plain", part: "again", onclick: () => this.watch.now() }, this.say("again"))));
    this.rest(false);
    this.announce(this.say("unknown"));
  }
}

/**
 * Define an element, unless another copy of this file has done so.
 * @param {string} name
 * @param {CustomElementConstructor} element
 */
export function define(name, element) {
  if (!customElements.get(name)) customElements.define(name, element);
}
