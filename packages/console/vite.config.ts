// Builds the pages for the server, which serves them below /console/ under a policy without inline script or style.
import { defaultClientConditions, defineConfig, type UserConfig } from "vite";

const config: UserConfig = defineConfig({
  root: import.meta.dirname,
  // Relative, as the server may stand below a prefix or a proxy's path.
  base: "./",
  resolve: { conditions: ["@countersign/source", ...defaultClientConditions] },
  build: {
    outDir: "../server/console",
    emptyOutDir: true,
    target: "es2022",
    // Every browser that we build for preloads by itself; the polyfill is script that nobody needs.
    modulePreload: { polyfill: false },
    // A data: URL would be refused by the policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});

// Vite reads its configuration from the default export.
export default config;
