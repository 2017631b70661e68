import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// File names carry a hash of their content, so that the backend may let them be
// kept for ever, and a rebuild from the same sources compares equal.
export default defineConfig({
  base: "./",
  plugins: [react()],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    license: { fileName: "licenses.md" },
    chunkSizeWarningLimit: 1500,
    rollupOptions: { input: ["taskpane.html", "signin.html", "send.html"] },
  },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    testTimeout: 90_000,
  },
});
