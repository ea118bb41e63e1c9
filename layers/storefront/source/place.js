/** Where the visitor is, asked only when somebody pressed a button for it. */

/**
 * Return about where the visitor is, to about a kilometre: "32.08,34.78". Nothing where the browser does not say.
 * @returns {Promise<string>}
 */
export async function here() {
  /** @type {GeolocationPosition | null} */
  const place = await new Promise((found) => {
    if (!navigator.geolocation) found(null); // no secure page
    else navigator.geolocation.getCurrentPosition(found, () => found(null), { timeout: 10_000 });
  });
  return place ? `${place.coords.latitude.toFixed(2)},${place.coords.longitude.toFixed(2)}` : "";
}
