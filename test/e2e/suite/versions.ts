import type { Stage } from "./stage.ts";

/** What a version of the sample does wrong: lines of Python after its own, by its own hooks, so that its metrics see it too. */
const WRONG = {
  slow: "import time\napp.before_request_funcs.setdefault(None, []).append(lambda: time.sleep(0.8))",
  failing:
    'import flask\nPROBES = ("/healthz", "/readyz")\napp.before_request_funcs.setdefault(None, []).append(lambda: None if flask.request.path in PROBES else flask.abort(500))',
} as const;

const FILE = "30-webapp.k8s.yaml";
/** The serving container comes first in the file. */
const PROBE = "          livenessProbe:";
const IMAGE = "image: cloudnova-webapp:";
const KEEP_ALIVE = "- name: KEEP_ALIVE_SECONDS";

/** Gives the sample's serving container another command: the same application, with something wrong in it. */
function wrong({ environment }: Stage, what: keyof typeof WRONG): void {
  const module = `from cloudnova_webapp.wsgi import app\n${WRONG[what]}\n`;
  const write = `python -c "import os; open('/tmp/wrong.py', 'w').write(os.environ['WRONG'])"`;
  const serve = "exec env PYTHONPATH=/tmp:/app/src python -m gunicorn --config python:cloudnova_webapp.gunicorn_conf wrong:app";
  environment.edit(FILE, KEEP_ALIVE, `- name: WRONG\n              value: ${JSON.stringify(module)}\n            ${KEEP_ALIVE}`);
  environment.edit(FILE, PROBE, `          command: ${JSON.stringify(["sh", "-c", `${write} && ${serve}`])}\n${PROBE}`);
}

/** New versions of the sample; `environment.write()` takes each back. */
export const VERSIONS = {
  good: ({ environment }: Stage) =>
    environment.edit(FILE, KEEP_ALIVE, `- name: WRONG\n              value: "no"\n            ${KEEP_ALIVE}`),
  slow: (stage: Stage) => wrong(stage, "slow"),
  failing: (stage: Stage) => wrong(stage, "failing"),
  absent: ({ environment }: Stage) => environment.edit(FILE, IMAGE, "image: cloudnova-webapp-nowhere:"),
  // MySQL knows no such account.
  unmigrated: ({ environment }: Stage) =>
    environment.edit(FILE, "- name: DATABASE_USER\n              value: migrator", "- name: DATABASE_USER\n              value: nobody"),
} as const satisfies Record<string, (stage: Stage) => void>;
