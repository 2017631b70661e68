import { defineConfig } from "vite";

// The send event as one file that imports nothing, in the language of classic Outlook's runtime. Its name has no hash:
// the manifest names it.
export default defineConfig({
  base: "./",
  publicDir: false,
  build: {
    target: "es2016",
    emptyOutDir: false,
    minify: true,
    lib: { entry: "src/alerts/onSend.ts", formats: ["iife"], name: "sendDigitally", fileName: () => "onsend.js" },
  },
});
