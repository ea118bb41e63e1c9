/** Remembers what somebody chose, once the page says that storing is agreed to; forgets it when it is not any more. */

const KEY = "standby:choice";
const CONSENT = "data-standby-consent";
const root = document.documentElement;

/** Tell whether the visitor agreed: the shop's banner sets `data-standby-consent` on `<html>`. */
export const allowed = () => root.hasAttribute(CONSENT);

/** @returns {Record<string, string>} */
export function remembered() {
  try {
    return (allowed() && JSON.parse(localStorage.getItem(KEY) ?? "{}")) || {};
  } catch {
    return {};
  }
}

/** @param {Record<string, string>} choice */
export function remember(choice) {
  try {
    if (allowed()) localStorage.setItem(KEY, JSON.stringify({ ...remembered(), ...choice }));
  } catch {
    // Full, or switched off: the choice is made anew on the next page.
  }
}

/**
 * Call this when consent is given or taken back. What was stored is gone once it is taken back.
 * @param {() => void} heard
 */
export function onConsent(heard) {
  const observer = new MutationObserver(() => {
    try {
      if (!allowed()) localStorage.removeItem(KEY);
    } catch {
      // Storage that is switched off holds nothing.
    }
    heard();
  });
  observer.observe(root, { attributes: true, attributeFilter: [CONSENT] });
  return () => observer.disconnect();
}
