#!/bin/sh
# The gateway answers, and refuses a wrong token. CLAWDBOT is the program when it is not on the PATH.
set -eu
clawdbot="${CLAWDBOT:-clawdbot}"

"$clawdbot" gateway health --url "$CLAWDBOT_GATEWAY_URL" --token "$CLAWDBOT_GATEWAY_TOKEN"
# A device that the gateway knows needs no token, so this is another one.
stranger="$CLAWDBOT_STATE_DIR/stranger"
if CLAWDBOT_STATE_DIR="$stranger" "$clawdbot" gateway health --url "$CLAWDBOT_GATEWAY_URL" --token wrong 2>/dev/null; then
  echo "a wrong token was accepted" >&2
  exit 1
fi
