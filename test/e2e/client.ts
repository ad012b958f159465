import { networkInterfaces } from "node:os";
import { text } from "node:stream/consumers";
import { reset, visit } from "./front/requests.ts";
import { hold, large, send } from "./front/sockets.ts";
import type { Outcome, Result, Target, Task } from "./front/task.ts";

// One client of the front door, in a container: reads what it is to do from standard input, as JSON, and prints what became of it.

function perform(target: Target, task: Task): Promise<Outcome> {
  switch (task.kind) {
    case "send":
      return send(target, task.all);
    case "visit":
      return visit(target, task.rate, task.seconds, task.forged);
    case "hold":
      return hold(target, task.what, task.count, task.seconds);
    case "large":
      return large(target, task.bytes, task.count, task.seconds);
    case "reset":
      return reset(target, task.streams, task.seconds);
  }
}

async function main(): Promise<void> {
  const { target, task }: { target: Target; task: Task } = JSON.parse(await text(process.stdin));
  const [own] = Object.values(networkInterfaces()).flatMap((all = []) =>
    all.filter(({ internal, family }) => !internal && family === "IPv4"),
  );
  const result: Result = { client: own?.address ?? "", counts: {}, times: [], replies: {}, ...(await perform(target, task)) };
  process.stdout.write(JSON.stringify(result), () => process.exit()); // what is still open ends here
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
