/** The build: one small loader, a file for each island, everything with the hash of its content in its name. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { defineConfig, type Plugin } from "vite";

/** Beyond this many bytes the best compression takes seconds: only GraphiQL has such files. */
const LARGE = 100_000;
const PACKED = /\.(js|css)$/;

/** Writes each file compressed beside itself, so that the server packs nothing. */
function packed(folder: string): Plugin {
  return {
    name: "packed",
    closeBundle() {
      for (const name of readdirSync(folder).filter((file) => PACKED.test(file))) {
        const content = readFileSync(join(folder, name));
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: content.length > LARGE ? 6 : constants.BROTLI_MAX_QUALITY } }));
        writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: content.length > LARGE ? 6 : 9 }));
      }
    },
  };
}

export default defineConfig({
  base: "/static/islands/",
  clearScreen: false,
  logLevel: "warn",
  plugins: [packed(join(import.meta.dirname, "dist"))],
  worker: { format: "es" },
  build: {
    outDir: "dist",
    assetsDir: "",
    manifest: "manifest.json",
    target: "es2022",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 5000,
    rolldownOptions: {
      input: { main: "src/main.ts" },
      // Libraries for React say where they run (“use client”): of no meaning in a build for browsers alone.
      onLog: (level, log, tell) => log.code === "MODULE_LEVEL_DIRECTIVE" || tell(level, log),
    },
  },
});
