import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A port of this machine that leads to another, and says the password there. */
export interface LoggedIn {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Opens a port that passes every request on to `port` with a login, so that a browser sees what is behind it and the
 * password appears on no command line.
 */
export async function logIn(port: number, user: string, password: string): Promise<LoggedIn> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const server = createServer((asked, answered) => {
    const { url: path, method, headers } = asked;
    const passed = request({ host: "127.0.0.1", port, path, method, headers: { ...headers, authorization } }, (answer) => {
      answered.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(answered);
    });
    passed.on("error", () => answered.destroy());
    asked.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
