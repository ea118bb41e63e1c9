/** What the shop's pages do in a browser beyond Standby's elements. They are whole without it. */

const picture = /** @type {HTMLImageElement | null} */ (document.querySelector("#picture"));
const add = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-add]"));
const plain = /** @type {HTMLSelectElement | null} */ (document.querySelector("#buy select[name=sku]"));

// On a phone the sections are a strip; where one is, is seen.
document.querySelector(".sections [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

// A listing and the store finder follow a choice at once.
for (const form of document.querySelectorAll("form[data-browse]")) {
  form.addEventListener("change", () => form.requestSubmit());
  form.querySelector("[data-show]")?.setAttribute("hidden", "");
}
// On a desk there is room for the filters, and for a table of sizes and colours.
const wide = matchMedia("(min-width: 60rem)");
const unfold = () => {
  if (wide.matches) document.querySelector(".facets details")?.setAttribute("open", "");
  document.querySelector("[data-grid]")?.setAttribute("as", wide.matches ? "grid" : "chips");
};
wide.addEventListener("change", unfold);
unfold();

/** Show the product in a colour. */
const coloured = (colour) => {
  if (picture) picture.src = `/pictures/${picture.dataset.of}-${colour.toLowerCase()}.svg`;
};

/** Let the button say what can be done with a variant. */
const offered = ({ actions }) => {
  if (!add) return;
  const ahead = actions.includes("preorder");
  add.disabled = !ahead && !actions.includes("buy");
  add.textContent = (add.disabled ? add.dataset.gone : ahead ? add.dataset.ahead : add.dataset.buy) ?? "";
};

// Standby's picker takes the plain list's place, in the form too.
if (plain && add)
  customElements.whenDefined("standby-availability").then(() => {
    document.addEventListener("standby-chosen", ({ detail }) => {
      plain.disabled = true;
      coloured(detail.options.Colour);
      offered(detail);
    });
    document.addEventListener("standby-changed", ({ detail, target }) => {
      if (target instanceof Element && target.matches("standby-availability")) offered(detail);
    });
  });

// A badge that has just flipped is seen to have.
document.addEventListener("standby-changed", ({ detail }) => {
  for (const item of document.querySelectorAll("[data-standby-status]")) {
    if (![item.dataset.standbyProduct, item.dataset.standbySku].includes(detail.sku ?? detail.product_id)) continue;
    item.classList.remove("flipped");
    requestAnimationFrame(() => item.classList.add("flipped"));
  }
});

// The panel shows mails as they come.
const mails = /** @type {HTMLElement | null} */ (document.querySelector(".mails"));
const MAILS_MS = 2_000;

/** Make an element with a text or children. */
const make = (tag, given, ...children) => {
  const made = Object.assign(document.createElement(tag), given);
  made.append(...children);
  return made;
};

/** Show the newest mails, where they are others than those that are shown. */
const refreshed = async () => {
  if (!mails || document.hidden) return;
  const answer = await fetch("/panel/mails.json").catch(() => undefined);
  if (!answer?.ok) return;
  const { items } = await answer.json();
  const newest = String(items[0]?.number ?? "");
  if (newest === (mails.dataset.newest ?? "")) return;
  mails.dataset.newest = newest;
  const link = (href, text) => make("a", { href, target: "_blank", rel: "noopener", textContent: text });
  mails.replaceChildren(...items.map((mail) => make("li", {},
    make("p", { dir: "auto" }, make("strong", { textContent: mail.subject })),
    make("p", { className: "soft", dir: "ltr", textContent: mail.to }),
    make("p", {}, link(`${mails.dataset.mailbox}#${mail.number}`, mails.dataset.open),
      ...(mail.link ? [" ", link(mail.link, mails.dataset.follow)] : [])))));
};
if (mails) {
  document.querySelector("[data-refresh]")?.setAttribute("hidden", "");
  setInterval(refreshed, MAILS_MS);
}

// What the panel sends changes the shop's other open pages within seconds; they look again soon.
const pressed = new BroadcastChannel("panel");
const LOOK_MS = [1_000, 3_000, 6_000, 10_000, 15_000];
if (document.querySelector("[data-said]")) pressed.postMessage("said");
const look = () => {
  for (const element of document.querySelectorAll("standby-badges, standby-availability"))
    element.setAttribute("every", element.getAttribute("every") === "5" ? "6" : "5");
};
pressed.addEventListener("message", () => LOOK_MS.forEach((pause) => setTimeout(look, pause)));
if (document.querySelector("[data-said]")) LOOK_MS.forEach((pause) => setTimeout(look, pause));
