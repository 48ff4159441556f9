// The gateway answers calls, and refuses a wrong token. CLAWDBOT is the program when it is not on the PATH.

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const { CLAWDBOT = "clawdbot", CLAWDBOT_GATEWAY_URL: url } = process.env;

function call(method, options = [], variables = {}) {
  const env = { ...process.env, ...variables };
  return spawnSync(CLAWDBOT, ["gateway", "call", method, "--json", ...options], { encoding: "utf8", env });
}

test.each(["health", "status"])("answers %s", (method) => {
  const done = call(method);
  expect(done.status, done.stderr).toBe(0);
  expect(JSON.parse(done.stdout)).toBeTypeOf("object");
});

test("refuses a wrong token", () => {
  // A device that the gateway knows needs no token, so this is another one.
  const stranger = { CLAWDBOT_STATE_DIR: `${process.env.CLAWDBOT_STATE_DIR}/stranger` };
  expect(call("health", ["--url", url, "--token", "wrong"], stranger).status).not.toBe(0);
});
