import { words } from "./index.ts";
import type { Examined } from "./policy-cluster.ts";

const FOUND: Examined = {
  engine: "kube-router",
  sources: 17,
  targets: 158,
  open: 94,
  allowed: 94,
  others: 614,
  shut: 1845,
  refused: 1845,
  dropped: 0,
  itself: 12,
  differences: [],
};

test("the step says which engine ran, and counts", () =>
  expect(words(FOUND)).toBe(
    "kube-router: 94 of 94 open, 1845 shut (1845 refused, 0 without an answer); 614 open between others, 12 that may lead back to their own pod not judged; 17 pods, 158 targets",
  ));

test("differences fail it, the first twenty by name", () => {
  const differences = Array.from({ length: 22 }, (_, index) => `from a to b:${index}: expected shut, found open`);
  expect(() => words({ ...FOUND, differences })).toThrow(
    /^22 differences \(kube-router\):\n {2}from a to b:0: expected shut, found open\n(.*\n){19} {2}and 2 more$/,
  );
});
