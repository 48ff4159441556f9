"""The gateway answers calls, and refuses a wrong token. CLAWDBOT is the program when it is not on the PATH."""

import json
import os
import subprocess

import pytest

CLAWDBOT = os.environ.get("CLAWDBOT", "clawdbot")


def call(method, *options, **variables):
    command = [CLAWDBOT, "gateway", "call", method, "--json", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, env=os.environ | variables)


@pytest.mark.parametrize("method", ["health", "status"])
def test_answers(method):
    done = call(method)
    assert done.returncode == 0, done.stderr
    assert isinstance(json.loads(done.stdout), dict)


def test_refuses_a_wrong_token(tmp_path):
    # A device that the gateway knows needs no token, so this is another one.
    stranger = {"CLAWDBOT_STATE_DIR": str(tmp_path)}
    url = os.environ["CLAWDBOT_GATEWAY_URL"]
    assert call("health", "--url", url, "--token", "wrong", **stranger).returncode != 0
