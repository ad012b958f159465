import { backups, staggered, tooOldSeconds } from "../../src/config/backups.ts";

const HOUR = 3600;

test.each([
  ["17 2 * * *", 24 + 6],
  ["5 * * * *", 2],
  ["0 3 * * 0", 7 * 24 + 6],
  ["0 8-18 * * 1-5", 62 + 6],
  ["*/30 * * * *", 1],
])("a backup of the schedule %s is too old after %d hours", (schedule, hours) => {
  expect(tooOldSeconds({ schedule })).toBe(hours * HOUR);
});

test.each([
  ["17 2 * * *", 0, "17 2 * * *"],
  ["17 2 * * *", 1, "27 2 * * *"],
  ["17 2 * * *", 5, "7 3 * * *"],
  ["55 23 * * 1", 1, "55 23 * * 1"],
  ["17 */6 * * *", 2, "37 */6 * * *"],
  ["55 */6 * * *", 1, "55 */6 * * *"],
  ["*/30 * * * *", 3, "*/30 * * * *"],
])("%s becomes, for namespace %d, %s", (schedule, index, expected) => {
  expect(staggered(schedule, index)).toBe(expected);
});

const refused = (value: object) => !backups.safeParse(value).success;

test.each(["61 2 * * *", "0 0 30 2 *", "* * * * *", "0 2 * * 7", "0 2 * *", "0 0 2 * * *", "@daily", "5/15 * * * *", "22-2 0 * * *", ""])(
  "the schedule %j is refused: Kubernetes would refuse it, or it never runs, or too often",
  (schedule) => expect(refused({ schedule })).toBe(true),
);

test.each([
  ["a private key", "AGE-SECRET-KEY-1QL3Z7HJY54PW3HYWW5AYYFG7ZQGVC7W3J2ELW8ZMRJ2KG5SFN9AQMCAC8P"],
  ["one wrong letter", "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8q"],
  ["an SSH key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOcpqYd"],
  ["a line end", "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\r\n"],
])("%s is no recipient", (_, key) => expect(refused({ recipients: [key] })).toBe(true));

test("the public key of age's own documentation is a recipient, once", () => {
  const key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
  expect(refused({ recipients: [key] })).toBe(false);
  expect(refused({ recipients: [key, key] })).toBe(true);
});

test.each(["https://s3.us-east-1.amazonaws.com/", "s3.us-east-1.amazonaws.com", "https://s3.example.com/mine", "ftp://s3.example.com"])(
  "%s is no address of a store",
  (endpoint) => expect(refused({ store: { endpoint, bucket: "mine" } })).toBe(true),
);

test.each(["My-Bucket", "a", "-mine", "mi..ne", "10.0.0.7", "mi_ne"])("%s is no name of a bucket", (bucket) =>
  expect(refused({ store: { endpoint: "https://s3.example.com", bucket } })).toBe(true),
);
