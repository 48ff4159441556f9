//! What `--help` shows at its end: command lines to copy. A test parses every one of them.

pub(super) const CLAWDBOT: &str = "\
Examples:
  clawdbot gateway --dev              a gateway that reloads on every edit
  clawdbot onboard                    answer a few questions, once
  clawdbot gateway                    then run the gateway
  clawdbot COMMAND --help             what a command can do";

pub(super) const GATEWAY: &str = "\
Examples:
  clawdbot gateway                    run it, as the configuration says
  clawdbot gateway --dev              develop: reload on every edit
  clawdbot gateway --dev --reset      throw the dev profile away first
  clawdbot gateway --dev --exec 'node server.js' --watch src
  clawdbot gateway health             ask the one that runs";

pub(super) const GATEWAY_RUN: &str = "\
Examples:
  clawdbot gateway run --port 19000
  clawdbot gateway run --bind lan --auth token
  clawdbot gateway run --force        end whoever holds the port first";

pub(super) const GATEWAY_HEALTH: &str = "\
Examples:
  clawdbot gateway health
  clawdbot gateway health --dev --json
  clawdbot gateway health --url ws://127.0.0.1:19000 --timeout 2000";

pub(super) const GATEWAY_CALL: &str = "\
Examples:
  clawdbot gateway call status
  clawdbot gateway call sessions.list --params '{\"limit\":5}'";

pub(super) const GATEWAY_INSTALL: &str = "\
Examples:
  clawdbot gateway install --start    now and at every login
  clawdbot gateway install --start --linger
  clawdbot --profile work gateway install --port 19000 --start";

pub(super) const GATEWAY_UNINSTALL: &str = "\
Examples:
  clawdbot gateway uninstall";

pub(super) const GATEWAY_START: &str = "\
Examples:
  clawdbot gateway start";

pub(super) const GATEWAY_STOP: &str = "\
Examples:
  clawdbot gateway stop";

pub(super) const GATEWAY_RESTART: &str = "\
Examples:
  clawdbot gateway restart
  clawdbot --profile work gateway restart --json";

pub(super) const STATUS: &str = "\
Examples:
  clawdbot status
  clawdbot status --all --json";

pub(super) const HEALTH: &str = "\
Examples:
  clawdbot health
  clawdbot health --json";

pub(super) const DASHBOARD: &str = "\
Examples:
  clawdbot dashboard
  clawdbot dashboard --no-open        print the address alone
  clawdbot dashboard --dev --json";

pub(super) const GATEWAY_STATUS: &str = "\
Examples:
  clawdbot gateway status
  clawdbot gateway status --deep
  clawdbot gateway status --no-probe --json";

pub(super) const GATEWAY_PROBE: &str = "\
Examples:
  clawdbot gateway probe
  clawdbot gateway probe --ssh you@server --json
  clawdbot gateway probe --ssh-auto";

pub(super) const GATEWAY_DISCOVER: &str = "\
Examples:
  clawdbot gateway discover
  clawdbot gateway discover --timeout 5000 --json";

pub(super) const GATEWAY_USAGE_COST: &str = "\
Examples:
  clawdbot gateway usage-cost --days 7";

pub(super) const CRON: &str = "\
Examples:
  clawdbot cron add --name Daily --cron '55 9 * * 1-5' --system-event 'Join'
  clawdbot cron add --name Tea --at 20m --system-event 'The tea is ready'
  clawdbot cron list";

pub(super) const CRON_STATUS: &str = "\
Examples:
  clawdbot cron status
  clawdbot cron status --json";

pub(super) const CRON_LIST: &str = "\
Examples:
  clawdbot cron list
  clawdbot cron list --all --json";

pub(super) const CRON_ADD: &str = "\
Examples:
  clawdbot cron add --name Tea --at 20m --system-event 'Ready' --wake now
  clawdbot cron add --name Stretch --every 1h --system-event 'Stand up'
  clawdbot cron add --name Rent --cron '0 7 1 * *' --system-event 'Pay rent'";

pub(super) const CRON_EDIT: &str = "\
Examples:
  clawdbot cron edit Standup --cron '55 8 * * 1-5' --tz Europe/Berlin
  clawdbot cron edit Standup --disable";

pub(super) const CRON_RM: &str = "\
Examples:
  clawdbot cron rm Tea";

pub(super) const CRON_ENABLE: &str = "\
Examples:
  clawdbot cron enable Standup";

pub(super) const CRON_DISABLE: &str = "\
Examples:
  clawdbot cron disable Standup";

pub(super) const CRON_RUN: &str = "\
Examples:
  clawdbot cron run Standup --force";

pub(super) const CRON_RUNS: &str = "\
Examples:
  clawdbot cron runs --id Standup
  clawdbot cron runs --id Standup --limit 5 --json";

pub(super) const CONFIG: &str = "\
Examples:
  clawdbot config get gateway.port
  clawdbot config set gateway.port 19000
  clawdbot config validate
  clawdbot config explain             where every setting comes from";

pub(super) const CONFIG_GET: &str = "\
Examples:
  clawdbot config get
  clawdbot config get agents.list[0].id
  clawdbot config get gateway.auth.token --reveal";

pub(super) const CONFIG_SET: &str = "\
Examples:
  clawdbot config set gateway.mode local
  clawdbot config set gateway.port 19000
  clawdbot config set gateway.controlUi '{ enabled: false }' --json";

pub(super) const CONFIG_UNSET: &str = "\
Examples:
  clawdbot config unset gateway.port gateway.bind";

pub(super) const CONFIG_VALIDATE: &str = "\
Examples:
  clawdbot config validate
  clawdbot config validate --json";

pub(super) const CONFIG_SCHEMA: &str = "\
Examples:
  clawdbot config schema > clawdbot.schema.json";

pub(super) const CONFIG_PATH: &str = "\
Examples:
  clawdbot config path
  clawdbot --dev config path";

pub(super) const CONFIG_EDIT: &str = "\
Examples:
  clawdbot config edit
  EDITOR=nano clawdbot config edit";

pub(super) const CONFIG_EXPLAIN: &str = "\
Examples:
  clawdbot config explain
  clawdbot config explain --json";

pub(super) const ONBOARD: &str = "\
Examples:
  clawdbot onboard
  clawdbot onboard --non-interactive --accept-risk
  clawdbot onboard --non-interactive --accept-risk --install-daemon";

pub(super) const CONFIGURE: &str = "\
Examples:
  clawdbot configure                  choose what to change
  clawdbot configure --section auth";

pub(super) const SETUP: &str = "\
Examples:
  clawdbot setup
  clawdbot setup --workspace ~/agents";

pub(super) const RESET: &str = "\
Examples:
  clawdbot reset                      choose how much, and be asked again
  clawdbot reset --scope full --dry-run
  clawdbot reset --scope config --yes --non-interactive";

pub(super) const UNINSTALL: &str = "\
Examples:
  clawdbot uninstall                  choose what, and be asked again
  clawdbot uninstall --all --dry-run
  clawdbot uninstall --service --state --yes --non-interactive";

pub(super) const GATEWAY_LOGS: &str = "\
Examples:
  clawdbot gateway logs --dev --level warn
  clawdbot gateway logs --since 10m --json";

pub(super) const LOGS: &str = "\
Examples:
  clawdbot logs                       the last 200 lines
  clawdbot logs --follow --level warn
  clawdbot logs --since 10m --json";

pub(super) const DOCTOR: &str = "\
Examples:
  clawdbot doctor
  clawdbot doctor --fix
  clawdbot --profile work doctor --json";

pub(super) const DEV: &str = "\
Examples:
  clawdbot dev run -- npm test        with a gateway of its own
  clawdbot dev fixtures run           reproduce every stored report
  clawdbot dev capture report.capsule.tar.gz --profile dev";

pub(super) const DEV_RUN: &str = "\
Examples:
  clawdbot dev run -- npm test
  clawdbot dev run --timeout 90 --artifacts out -- pytest -x
  clawdbot dev run --fixture two-agents --keep -- sh";

pub(super) const DEV_REPLAY: &str = "\
Examples:
  clawdbot dev replay report.capsule.tar.gz
  clawdbot dev replay report/ --speed 1 --ignore event:chat
  clawdbot dev replay report/ --exec 'node entry.js gateway --port {port}'
  clawdbot dev replay report/ --json  every difference, for scripts
  clawdbot dev replay --ignore help   what never counts, and what can be named";

pub(super) const DEV_FIXTURES: &str = "\
Examples:
  clawdbot dev fixtures list
  clawdbot dev fixtures run";

pub(super) const DEV_FIXTURES_LIST: &str = "\
Examples:
  clawdbot dev fixtures list --json";

pub(super) const DEV_FIXTURES_CHECK: &str = "\
Examples:
  clawdbot dev fixtures check
  clawdbot dev fixtures check ./fixtures/profiles/two-agents";

pub(super) const DEV_FIXTURES_RUN: &str = "\
Examples:
  clawdbot dev fixtures run
  clawdbot dev fixtures run two-agents";

pub(super) const DEV_FIXTURES_NEW: &str = "\
Examples:
  clawdbot dev fixtures new two-agents --why 'The second agent is not found.'";

pub(super) const DEV_CAPTURE: &str = "\
Examples:
  clawdbot dev capture report.capsule.tar.gz
  clawdbot dev capture report.capsule.tar.gz --profile dev --exclude '*.md'
  clawdbot dev capture x.capsule.tar.gz --from ~/.clawdbot-work --yes";

pub(super) const DEV_CAPSULE: &str = "\
Examples:
  clawdbot dev capsule show report.capsule.tar.gz
  clawdbot dev capsule extract report.capsule.tar.gz report";

pub(super) const DEV_CAPSULE_SHOW: &str = "\
Examples:
  clawdbot dev capsule show report.capsule.tar.gz
  clawdbot dev capsule show report.capsule.tar.gz home/.clawdbot/clawdbot.json";

pub(super) const DEV_CAPSULE_DIFF: &str = "\
Examples:
  clawdbot dev capsule diff before.capsule.tar.gz after.capsule.tar.gz";

pub(super) const DEV_CAPSULE_EXTRACT: &str = "\
Examples:
  clawdbot dev capsule extract report.capsule.tar.gz report";

pub(super) const DEV_CAPSULE_TO_FIXTURE: &str = "\
Examples:
  clawdbot dev capsule to-fixture x.capsule.tar.gz lost --why 'Lost labels'";

pub(super) const COMPLETIONS: &str = "\
Examples:
  source <(clawdbot completions bash)
  clawdbot completions zsh > ~/.zfunc/_clawdbot
  clawdbot completions fish > ~/.config/fish/completions/clawdbot.fish";

pub(super) const MAN: &str = "\
Examples:
  clawdbot man | man -l -
  clawdbot man ~/.local/share/man/man1";
