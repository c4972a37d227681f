import { describe, expect, it } from "vitest";
import { plansOf } from "./plan.ts";

describe("the plans of a crash test", () => {
  const plans = plansOf(300, 7);

  it("are the same for the same seed, and others for another", () => {
    expect(plansOf(300, 7)).toEqual(plans);
    expect(plansOf(300, 8)).not.toEqual(plans);
  });

  it("strike everywhere, and keep the machine from going on warm now and then, in both ways", () => {
    const count = (is: (plan: (typeof plans)[number]) => boolean) => plans.filter(is).length;
    for (const during of ["opening", "saving", "committing", "running"])
      expect(count(({ strike }) => strike.during === during)).toBeGreaterThan(30);
    for (const cold of ["memory", "devices"] as const) expect(count((plan) => plan.cold === cold)).toBe(25);
    for (const sync of [true, false]) expect(count((plan) => plan.sync === sync)).toBeGreaterThan(100);
    expect(count(({ autosave }) => autosave)).toBeGreaterThan(40);
    expect(count(({ autosave, cold }) => autosave && cold !== null)).toBe(0);
    expect(count(({ full }) => full)).toBeGreaterThanOrEqual(100);
    expect(count(({ reboot }) => reboot)).toBeGreaterThan(40);
    expect(count(({ reboot, autosave }) => reboot && autosave)).toBe(0);
    expect(count(({ everything }) => everything)).toBeGreaterThan(20);
  });
});
