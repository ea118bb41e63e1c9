// Build what browsers load: `node layers/storefront/build.mjs` writes `python/storefront_assets/`, the elements, and
// `python/reference_assets/`, the API's reference page with its renderer as npm has it. Both are committed.
// `--check` writes nothing, and fails where what is committed is not what the sources make (`make check`).

import { createHash } from "node:crypto";
import { readdir, readFile, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "source");
const { values } = parseArgs({ options: { check: { type: "boolean" }, in: { type: "string" } } });
const target = values.in ?? join(here, "python");
const texts = (await readdir(join(source, "texts"))).sort();

const css = {
  name: "css",
  setup: (made) =>
    made.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    }),
};
const shared = {
  bundle: true, minify: true, format: "esm", target: "es2022", charset: "utf8", legalComments: "none", write: false,
  outdir: source, plugins: [css], define: { LOCALES: JSON.stringify(texts.map((name) => name.replace(".json", ""))) },
};
const parts = ["badges", "availability", "waitlist", "preorder", "alternatives", "stores", "cart-check"];
const made = await Promise.all([
  build({ ...shared, entryPoints: [join(source, "standby.js")] }),
  build({ ...shared, entryPoints: parts.map((name) => join(source, `${name}.js`)), splitting: true, chunkNames: "shared-[hash]" }),
]);

const elements = made.flatMap(({ outputFiles }) => outputFiles.map(({ path, contents }) => [path.slice(source.length + 1), Buffer.from(contents)]));
for (const name of texts) {
  const said = JSON.parse(await readFile(join(source, "texts", name), "utf8"));
  elements.push([name, Buffer.from(JSON.stringify(said))]);
}

const page = join(here, "reference");
const rapidoc = join(here, "..", "..", "node_modules", "rapidoc");
const licences = ["LICENSE.txt", join("dist", "rapidoc-min.js.LICENSE.txt")].map((name) => readFile(join(rapidoc, name), "utf8"));
const reference = await Promise.all((await readdir(page)).map(async (name) => [name, await readFile(join(page, name))]));
reference.push(["rapidoc-min.js", await readFile(join(rapidoc, "dist", "rapidoc-min.js"))]);
reference.push(["rapidoc-licence.txt", Buffer.from((await Promise.all(licences)).join("\n"))]);

const bundles = { storefront_assets: described(elements), reference_assets: described(reference) };

/** Add the manifest: a version of all files together, and of each what a browser checks. */
function described(files) {
  files.sort(([one], [other]) => (one < other ? -1 : 1));
  const version = createHash("sha256");
  const manifest = { version: "", files: {} };
  for (const [name, contents] of files) {
    version.update(`${name}\0${contents.length}\0`).update(contents);
    manifest.files[name] = {
      integrity: `sha384-${createHash("sha384").update(contents).digest("base64")}`,
      bytes: contents.length,
      gzip_bytes: gzipSync(contents, { level: 9 }).length,
    };
  }
  manifest.version = version.digest("hex").slice(0, 12);
  return [...files, ["manifest.json", Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]];
}

const stale = [];
for (const [bundle, files] of Object.entries(bundles)) {
  const folder = join(target, bundle);
  if (values.check) {
    const there = await readdir(folder).catch(() => []);
    const same = await Promise.all(files.map(async ([name, made]) => there.includes(name) && made.equals(await readFile(join(folder, name)))));
    stale.push(...files.filter((_, place) => !same[place]).map(([name]) => name));
    stale.push(...there.filter((name) => !files.some(([made]) => made === name)));
  } else {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const [name, contents] of files) {
      await writeFile(join(folder, name), contents);
      console.log(`${bundle}/${name}: ${contents.length} bytes, ${gzipSync(contents, { level: 9 }).length} packed`);
    }
  }
}
if (stale.length) {
  console.error(`stale: ${stale.join(", ")}: run node layers/storefront/build.mjs and commit what it writes`);
  process.exit(1);
}
