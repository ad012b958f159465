import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { applicationPictures, pagesOf } from "../../src/evidence/application.ts";
import { findBrowser, photograph, print } from "../../src/evidence/browser.ts";
import { evidencePage } from "../../src/evidence/page/index.ts";
import { selfSigned } from "../certificate.ts";
import { example } from "../evidence/example.ts";
import { run } from "./servers.ts";

/** The page and its pictures by the real browser. */
jest.setTimeout(5 * 60_000);

const browser = findBrowser(process.env) ?? "";
let folder: string;
beforeAll(() => {
  expect(browser).not.toBe("");
  folder = mkdtempSync(join(tmpdir(), "cloudnova-evidence-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the application is photographed with the certificate that it showed, and with no other", async () => {
  const [own, other] = [selfSigned("DNS:own"), selfSigned("DNS:other")];
  const seen: string[] = [];
  const server = createServer(own, (asked, answered) => {
    seen.push(`${asked.headers.host} ${asked.url} ${asked.headers["accept-language"]?.slice(0, 2)}`);
    answered.writeHead(200, { "content-type": "text/html" }).end("<h1>Hello</h1>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const ingress = { address: "127.0.0.1", host: "app.example.com", httpPort: 1, httpsPort: port };
  const der = (cert: string) => new X509Certificate(cert).raw;
  try {
    const pictures = await applicationPictures(
      browser,
      pagesOf({ sample: true, applications: [] }, ingress),
      der(own.cert),
      "es",
      new AbortController().signal,
    );
    const found = "value" in pictures ? pictures.value : [];
    expect(found.map((one) => "value" in one && Buffer.from(one.value.data, "base64").subarray(8, 12).toString())).toEqual([
      "WEBP",
      "WEBP",
    ]);
    expect(seen).toEqual(expect.arrayContaining([`app.example.com:${port} / es`, `app.example.com:${port} /users es`]));
    const before = seen.length;
    const view = { url: `https://app.example.com:${port}/secret`, address: "127.0.0.1", language: "es", width: 400, height: 300 };
    await photograph(browser, { ...view, certificate: der(other.cert) }).catch(() => undefined);
    expect(seen.length).toBe(before); // the browser refused it before it asked for anything
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test("the page becomes a PDF of A4 pages with its texts", async () => {
  const page = join(folder, "page.html");
  writeFileSync(page, evidencePage(await example("es")));
  const pdf = join(folder, "page.pdf");
  await print(browser, pathToFileURL(page).href, pdf);
  const { stdout: about } = await run("pdfinfo", [pdf]);
  expect(about).toMatch(/Page size: +59[45]\S* x 84[12]\S* pts \(A4\)/);
  const { stdout: text } = await run("pdftotext", [pdf, "-"]);
  for (const words of ["Evidencia del despliegue", "Objetivos y exporters", "CrashLoopBackOff", "Estructura del repositorio"]) {
    expect(text).toContain(words);
  }
});

test.each(["es", "en"] as const)("axe finds nothing against accessibility in %s", async (language) => {
  // The page itself runs no script: a copy without its policy carries axe, and writes down what it finds.
  const axe = readFileSync("webapp/tests/axe.min.js", "utf8");
  const report =
    'axe.run().then(({violations: v, passes: p}) => document.body.insertAdjacentHTML("beforeend", "<pre id=axe>" + p.length + "|" + v.map((one) => one.id + ": " + one.nodes.length + " " + one.nodes[0].target).join("; ") + "</pre>"))';
  const copy = evidencePage(await example(language))
    .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "")
    .replace("</body>", () => `<script>${axe}</script><script>${report}</script></body>`);
  const file = join(folder, `axe-${language}.html`);
  writeFileSync(file, copy);
  const flags = [
    "--headless",
    "--disable-gpu",
    "--no-sandbox",
    `--user-data-dir=${join(folder, "profile")}`,
    "--virtual-time-budget=60000",
  ];
  const { stdout } = await run(browser, [...flags, "--dump-dom", pathToFileURL(file).href], { maxBuffer: 64 * 2 ** 20 });
  const [, passed, violations] = /<pre id="axe">(\d+)\|(.*?)<\/pre>/s.exec(stdout) ?? [];
  expect(Number(passed)).toBeGreaterThan(15);
  expect(violations).toBe("");
});
