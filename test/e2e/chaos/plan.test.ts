import { CATALOGUE, shortPlan } from "./catalogue.ts";
import { planOf } from "./plan.ts";

const names = (plan: readonly { readonly name: string }[]) => plan.map(({ name }) => name);
const countOf = (plan: readonly { readonly name: string }[], wanted: string) => names(plan).filter((name) => name === wanted).length;

test("the same seed gives the same faults in the same order, another seed the same faults in another one", () => {
  const [one, again, other] = [planOf(CATALOGUE, 200, 7), planOf(CATALOGUE, 200, 7), planOf(CATALOGUE, 200, 8)];
  expect(names(again)).toEqual(names(one));
  expect(names(other)).not.toEqual(names(one));
  expect(names(other).sort()).toEqual(names(one).sort());
});

test("a full run has 200 faults of every kind, mysqld killed at least 50 times, as often as the catalogue says", () => {
  const plan = planOf(CATALOGUE, 200, 1);
  expect(plan).toHaveLength(200);
  for (const { name, weight } of CATALOGUE) expect([name, countOf(plan, name)]).toEqual([name, weight]);
  expect(countOf(plan, "mysqld killed")).toBeGreaterThanOrEqual(50);
});

test("the order is no blocks of one kind", () => {
  const plan = names(planOf(CATALOGUE, 200, 1));
  const changes = plan.filter((name, index) => index > 0 && name !== plan[index - 1]).length;
  expect(changes).toBeGreaterThan(120);
});

test("few faults are of as many kinds as there are faults", () => {
  expect(new Set(names(planOf(CATALOGUE, CATALOGUE.length, 3))).size).toBe(CATALOGUE.length);
  expect(new Set(names(planOf(CATALOGUE, 5, 3))).size).toBe(5);
});

test("the short form has twelve faults, none of which takes long", () => {
  expect(shortPlan(1)).toHaveLength(12);
  expect(names(shortPlan(1))).not.toContain("the node killed");
});
