import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

// jsdom has neither; Fluent UI asks for them.
class NoObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
globalThis.ResizeObserver ??= NoObserver as unknown as typeof ResizeObserver;
globalThis.IntersectionObserver ??= NoObserver as unknown as typeof IntersectionObserver;

afterEach(() => {
  cleanup();
  sessionStorage.clear();
});
