// Pressing "Pre-order" puts the book into the basket; the checkout reserves it.
document.addEventListener("standby-preorder", () => {
  document.querySelector("#add_to_basket_form")?.submit();
});
