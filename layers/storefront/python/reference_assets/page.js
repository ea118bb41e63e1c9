// The API's reference page: the renderer in the looks that the visitor prefers, beside this API's own description.

const dark = matchMedia("(prefers-color-scheme: dark)");
const narrow = matchMedia("(max-width: 767px)");
const here = new URL("..", location.href).href.replace(/\/$/, "");
const shown = document.createElement("rapi-doc");
const looks = {
  light: { "bg-color": "#ffffff", "text-color": "#1b1f24", "primary-color": "#1d4ed8", "nav-bg-color": "#f3f5f8", "nav-text-color": "#39424e" },
  dark: { "bg-color": "#14171c", "text-color": "#e6e8eb", "primary-color": "#8ab4ff", "nav-bg-color": "#1b1f26", "nav-text-color": "#c5cbd3" },
};

/** @param {Record<string, string>} attributes */
function say(attributes) {
  for (const [name, value] of Object.entries(attributes)) shown.setAttribute(name, value);
}

function look() {
  const theme = dark.matches ? "dark" : "light";
  say({ theme, ...looks[theme], "header-color": looks[theme]["nav-bg-color"] });
  // A narrow page has no room for the list beside the operations, and its search stands in the header.
  say({ "render-style": narrow.matches ? "view" : "focused", "show-header": `${narrow.matches}` });
}

look();
dark.addEventListener("change", look);
narrow.addEventListener("change", look);
say({
  "spec-url": "openapi.json",
  // The description is the same wherever Standby runs, so that its server is where this page comes from.
  "server-url": here,
  "default-api-server": here,
  "allow-server-selection": "false",
  "load-fonts": "false",
  "regular-font": "system-ui, sans-serif",
  "mono-font": "ui-monospace, monospace",
  "font-size": "large",
  "allow-spec-url-load": "false",
  "allow-spec-file-load": "false",
  "show-method-in-nav-bar": "as-colored-text",
  "schema-style": "table",
  "allow-spec-file-download": "false",
  // A key that is tried here is forgotten with the page.
  "persist-auth": "false",
  "fetch-credentials": "omit",
});
document.body.append(shown);

const more = new CSSStyleSheet(); // some of the renderer's own colours are too faint for letters this small
more.replaceSync(`
  #api-info { margin-inline: 0; }
  .header-input { color: var(--fg); background: var(--bg); border-color: var(--light-fg); }
  .header-input::placeholder { color: var(--light-fg); opacity: 1; }
  :host([theme="light"]) * {
    --red: #b3261e; --green: #2f6b00; --blue: #0b5c99; --orange: #8a4b00; --yellow: #6b5f00; --light-fg: #5b6470;
    --nav-get-color: #0b5c99; --nav-post-color: #2f6b00; --nav-put-color: #8a4b00; --nav-delete-color: #b3261e;
    --nav-patch-color: #6b5f00; --nav-head-color: #6b5f00;
  }
  :host([theme="dark"]) * { --light-fg: #a9b0ba; --yellow: #d3c14b; --nav-patch-color: #d3c14b; --nav-head-color: #d3c14b; }
`);
import("./rapidoc-min.js")
  .then(() => shown.shadowRoot?.adoptedStyleSheets.push(more))
  .catch(() => {
    const said = document.createElement("p");
    said.textContent = "This page could not be loaded as a whole. Please load it again.";
    document.body.replaceChildren(said);
  });
