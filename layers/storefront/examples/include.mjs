// What Standby says of a product, for a page that a server on Node writes, and the form that works without scripts.
// `await standby({ id: "shirt", locale: "en", variants: [{ sku: "SHIRT-M", title: "M" }] })` is a piece of HTML;
// `variants` are those that one can wait for. It comes within half a second, whatever becomes of the API.

const API = process.env.STANDBY_API ?? "https://care.shop.example";
const PATIENCE_MILLISECONDS = Number(process.env.STANDBY_PATIENCE_MILLISECONDS ?? 500);
const WORDING = "2026-11"; // the version of the words of `consent`, which is stored with the sign-up
const WORDS = {
  en: {
    unknown: "We cannot say right now what is in stock.",
    which: "E-mail me when this is back",
    email: "Your e-mail address",
    consent: "We send you one e-mail when you can buy it again. Each has a link to stop.",
    button: "E-mail me",
  },
  he: {
    unknown: "כרגע אין לנו מידע מה יש במלאי.",
    which: "עדכנו אותי כשיחזור",
    email: "כתובת הדוא״ל שלכם",
    consent: "נשלח אליכם מייל אחד כשאפשר יהיה שוב לקנות. בכל מייל יש קישור להפסקה.",
    button: "עדכנו אותי",
  },
};

const wordsOf = (locale) => new Map(Object.entries(WORDS)).get(locale.split(/[-_]/)[0].toLowerCase()) ?? WORDS.en;

const escaped = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Ask for the sizes and colours as HTML, which is escaped already; "" where no answer comes in time. */
export async function availability(id, locale) {
  const query = new URLSearchParams({ product_id: id, format: "html", locale });
  const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
  try {
    const answer = await fetch(`${API}/v1/products/availability?${query}`, { signal, redirect: "error" });
    return answer.ok ? await answer.text() : "";
  } catch {
    return "";
  }
}

/** Write the form; its answer leads to a page of the API that says what happens next. */
export function waitForm(variants, locale) {
  const words = wordsOf(locale);
  const choices = variants.map(({ sku, title }) =>
    variants.length === 1
      ? `<input type="hidden" name="sku" value="${escaped(sku)}">`
      : `<label><input type="checkbox" name="sku" value="${escaped(sku)}"> <bdi>${escaped(title)}</bdi></label>`,
  );
  return `<form method="post" action="${escaped(API)}/v1/waitlist" accept-charset="utf-8">
<fieldset><legend>${words.which}</legend>${choices.join("\n")}</fieldset>
<label>${words.email} <input type="email" name="email" required autocomplete="email"></label>
<input type="hidden" name="locale" value="${escaped(locale)}"><input type="hidden" name="wording" value="${WORDING}">
<p>${words.consent}</p><button>${words.button}</button>
</form>`;
}

export async function standby({ id, locale, variants }) {
  const said = await availability(id, locale);
  const shown = said || `<p>${wordsOf(locale).unknown}</p>`;
  return variants.length ? `${shown}\n${waitForm(variants, locale)}` : shown;
}
