import fc from "fast-check";
import { allow, forget, OWNER_SLOTS, ownerName, ownerOf, ownerParameters, ownersIn, publicRange } from "../../src/ec2/owners.ts";

describe("an address", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7/32"],
    [" 203.0.113.7 ", "203.0.113.7/32"],
    ["203.0.113.7/24", "203.0.113.0/24"],
    ["223.255.255.254/16", "223.255.0.0/16"],
    ["2a02:1234:5678:9abc:def0::1", "2a02:1234:5678:9abc:def0::1/128"],
    ["2a02:1234:5678:9ABC:def0::1/64", "2a02:1234:5678:9abc::/64"],
    ["2a02:1234:5678:9abf::/62", "2a02:1234:5678:9abc::/62"],
  ])("%s is %s", (given, range) => {
    expect(publicRange(given).range).toBe(range);
  });
  test("of a household stands for its /64", () => {
    expect(publicRange("2a02:1:2:3:4:5:6:7", 64).range).toBe("2a02:1:2:3::/64");
  });
  test.each(["", "x", "203.0.113", "203.0.113.7/33", "203.0.113.7/", "2a02::1/129", "fe80::1%eth0", "::ffff:203.0.113.7", "203.0.113.07"])(
    "'%s' is none",
    (given) => {
      expect(() => publicRange(given)).toThrow(/is not an IP address or range/);
    },
  );
  test.each(["192.168.1.20", "10.1.2.3", "172.31.0.1", "100.64.3.4", "127.0.0.1", "169.254.1.1", "fd00::1", "fe80::1", "::1"])(
    "%s is private",
    (given) => {
      expect(() => publicRange(given)).toThrow(/is a private address/);
    },
  );
  test.each(["0.0.0.0/0", "::/0", "203.0.0.0/15", "2a02::/31"])("%s is refused", (given) => {
    expect(() => publicRange(given)).toThrow(/is a private address|is too wide/);
  });
  test("a network stays what it is", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 16, max: 32 }), (address, bits) => {
        let first: string;
        try {
          first = publicRange(`${address}/${bits}`).range;
        } catch {
          return;
        }
        expect(publicRange(first).range).toBe(first);
      }),
    );
  });
});

describe("the owners", () => {
  const laptop = ownerOf("laptop", [publicRange("203.0.113.7")]);
  const moved = ownerOf("laptop", [publicRange("198.51.100.9"), publicRange("2a02:1:2:3::/64")]);
  const friend = ownerOf("friend", [publicRange("203.0.113.8")]);
  test("a computer's new address takes the place of its old one", () => {
    expect(allow([laptop, friend], [moved])).toEqual([moved, friend]);
    expect(allow([friend], [laptop])).toEqual([friend, laptop]);
  });
  test("no more than there are rules for", () => {
    const four = Array.from({ length: OWNER_SLOTS }, (_, index) => ({ ...friend, name: `n${index}` }));
    expect(() => allow(four, [laptop])).toThrow("at most 4 computers or networks can be allowed; these are more: n0, n1, n2, n3, laptop");
    expect(allow(forget(four, "n1"), [laptop])).toHaveLength(4);
    expect(() => forget(four, "n9")).toThrow("'n9' is not allowed; allowed are: n0, n1, n2, n3");
  });
  test("two addresses of one family are two owners", () => {
    expect(() => ownerOf("x", [publicRange("203.0.113.7"), publicRange("203.0.113.8")])).toThrow("are two addresses of one family");
  });
  test("survive the way through the stack's parameters", () => {
    expect(ownersIn(ownerParameters([moved, friend]))).toEqual([moved, friend]);
    expect(ownersIn(ownerParameters([]))).toEqual([]);
  });
  test("two computers behind one router have one rule", () => {
    const other = { ...moved, name: "other" };
    expect(ownersIn(ownerParameters([moved, other]))).toEqual([moved, { name: "other", ipv4: "", ipv6: "" }]);
    expect(ownersIn(ownerParameters([laptop, other]))).toEqual([laptop, other]);
  });
  test("a computer's name becomes one that EC2 takes as a description", () => {
    expect(ownerName("Ana's MacBook Pro – 2026")).toBe("Ana-s MacBook Pro - 2026");
    expect(ownerName("x".repeat(200))).toHaveLength(60);
  });
});
