// Builds ../style.css: of Designsystemet's style sheet and theme what the pages
// use, then pages.css. What no template names is left out.
import { readFile, writeFile } from "node:fs/promises";
import { transform } from "esbuild";
import postcss from "postcss";
import { PurgeCSS } from "purgecss";

const components = ["base", "heading", "paragraph", "link", "list", "label", "field", "input", "button", "card", "alert",
  "table", "validation-message", "skip-link"];
const from = "node_modules/@digdir/designsystemet-css/dist";
const read = (path) => readFile(path, "utf8");

// follow keeps of the theme what follows the reader's system: no scheme that a
// page would force, no second typeface.
const follow = (root) => root.walkRules((rule) => {
  const forced = /\[data-color-scheme=(dark|light)\]$|\[data-typography=secondary\]/;
  const light = rule.parent.name === "media" && rule.parent.params.includes("light");
  rule.selectors = rule.selectors.filter((selector) => !forced.test(selector) && !light);
  if (rule.selector === "") rule.remove();
});

// unused drops forms of components that no page has, which PurgeCSS takes for used.
const unused = /validation-message\[data-color|type=radio\]:|field\[data-variant|indeterminate|\[data-clickdelegatefor\]$|aria-busy|:is\(:disabled|\.ds-input:open|is\(select\):open/;
const drop = (root) => root.walkRules((rule) => {
  rule.selectors = rule.selectors.filter((selector) => selector.startsWith(":is(") || !unused.test(selector));
  if (rule.selector === "") rule.remove();
});

const theme = postcss([follow]).process(await read(from + "/theme/designsystemet.css"), { from: undefined }).css;
const parts = await Promise.all(components.map((name) => read(`${from}/src/${name}.css`)));
const all = ["@layer ds.theme, ds.base, ds.components;", theme, ...parts.map((css) => `@layer ds.components{${css}}`), await read("pages.css")].join("\n");
const [{ css }] = await new PurgeCSS().purge({
  content: ["../../../portal/pages/*.html", "../../../staff/pages/*.html", "../../../portal/client/portal.js"],
  css: [{ raw: postcss([drop]).process(all, { from: undefined }).css }], variables: true, keyframes: true, fontFace: true, safelist: { variables: [/^--ds-color-accent-/] },
});
const { code } = await transform(css, { loader: "css", minify: true, charset: "utf8", target: ["chrome111", "firefox115", "safari16.4"], legalComments: "none" });
await writeFile("../style.css", "/* with Designsystemet, MIT: see design-licence.txt */\n" + code);
console.log(`style.css: ${code.length} bytes`);
