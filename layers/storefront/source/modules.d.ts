/** A style sheet comes as its minified text (`build.mjs`). */
declare module "*.css" {
  const text: string;
  export default text;
}

/** The languages of `texts/`, as `build.mjs` finds them. */
declare const LOCALES: string[];

/** The renderer of the API's reference page, as npm has it. */
declare module "*/rapidoc-min.js";
