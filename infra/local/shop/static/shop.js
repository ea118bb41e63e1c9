/** What the shop's pages do in a browser beyond Standby's elements. They are whole without it. */

const picture = /** @type {HTMLImageElement | null} */ (document.querySelector("#picture"));
const add = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-add]"));
const plain = /** @type {HTMLSelectElement | null} */ (document.querySelector("#buy select[name=sku]"));

// A listing and the store finder follow a choice at once.
for (const form of document.querySelectorAll("form[data-browse]")) {
  form.addEventListener("change", () => form.requestSubmit());
  form.querySelector("[data-show]")?.setAttribute("hidden", "");
}
// On a desk there is room for the filters.
const wide = matchMedia("(min-width: 60rem)");
const unfold = () => {
  if (wide.matches) document.querySelector(".facets details")?.setAttribute("open", "");
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
