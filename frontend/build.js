// Builds the player into the Python package. The licence of what is bundled stands in the bundle, and so in every page.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { build } from "esbuild";

const kept = readFileSync("node_modules/wavesurfer.js/LICENSE", "utf8").trim();
const { version } = JSON.parse(readFileSync("node_modules/wavesurfer.js/package.json", "utf8"));

// A test compares this with the sources: nobody ships a player that was not built anew.
const sources = ["package-lock.json", ...readdirSync("src").sort().map((name) => `src/${name}`)];
const hash = createHash("sha256");
for (const name of sources) hash.update(readFileSync(name));

await build({
  entryPoints: ["src/main.js"],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "ascii", // its hash is in the page's security policy: no encoding may change a byte
  legalComments: "none",
  banner: { js: `/*! wavesurfer.js ${version}\n${kept}\nsources ${hash.digest("hex")}\n*/` },
  outfile: "../src/tonewise/report/player/player.js",
});
