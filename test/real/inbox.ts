import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";

/** A message that somebody got, with how it came. */
export interface Mail extends Email {
  /** By whom it was handed in, and whether over TLS. */
  readonly user: string;
  readonly secure: boolean;
  readonly recipients: readonly string[];
}

/** A request that somebody got. */
export interface Post {
  readonly path: string;
  // biome-ignore lint/suspicious/noExplicitAny: each receiver's own JSON
  readonly body: any;
  /** When it came, ms. */
  readonly at: number;
}

/** A mail server that wants STARTTLS and a login, and a web server that takes any JSON: those who are told of alerts. */
export class Inbox {
  readonly mails: Mail[] = [];
  readonly posts: Post[] = [];
  private readonly smtp: SMTPServer;
  private readonly http: Server;

  /**
   * @param certificate the mail server's, with its key, for 127.0.0.1
   * @param account who may hand in mail
   */
  constructor(certificate: { key: string; cert: string }, account: { user: string; password: string }) {
    this.smtp = new SMTPServer({
      ...certificate,
      onAuth: ({ username, password }, _session, done) =>
        username === account.user && password === account.password
          ? done(null, { user: username })
          : done(new Error(`no account ${username} with that password`)),
      onData: (stream, session, done) => {
        const { user = "", secure, envelope } = session;
        const recipients = envelope.rcptTo.map(({ address }) => address);
        stream
          .toArray()
          .then((parts) => PostalMime.parse(Buffer.concat(parts)))
          .then((mail) => this.mails.push({ ...mail, user: String(user), secure, recipients }))
          .then(() => done(), done);
      },
    });
    this.http = createServer(async (request, response) => {
      const text = Buffer.concat(await request.toArray()).toString();
      this.posts.push({ path: request.url ?? "", body: JSON.parse(text), at: Date.now() });
      // What Telegram answers (Alertmanager ends with a panic when no chat is in it); the others are content with any 200.
      const result = { message_id: this.posts.length, date: Math.floor(Date.now() / 1000), chat: { id: 7, type: "private" } };
      response.setHeader("content-type", "application/json").end(JSON.stringify({ ok: true, result }));
    });
  }

  async listen(): Promise<{ smtp: number; http: number }> {
    this.http.listen(0, "127.0.0.1");
    this.smtp.listen(0, "127.0.0.1");
    await Promise.all([once(this.http, "listening"), once(this.smtp.server, "listening")]);
    const port = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
    return { smtp: port(this.smtp.server), http: port(this.http) };
  }

  async close(): Promise<void> {
    this.http.close();
    await new Promise<void>((resolve) => this.smtp.close(resolve));
  }

  /** What came at an address. */
  at(path: string): Post[] {
    return this.posts.filter((post) => post.path === path);
  }
}
