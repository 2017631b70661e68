import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// A deadline, not a pause: a busy machine may need it.
configure({ asyncUtilTimeout: 15_000 });

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
  globalThis.sessionStorage?.clear();
  globalThis.localStorage?.clear();
});
