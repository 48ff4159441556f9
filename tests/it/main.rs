//! Integration tests: the real binary, real sockets, real processes.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking, in its helpers too")]

#[cfg(target_os = "linux")]
mod addresses;
mod agent_logs;
mod architecture;
mod bad_frames;
mod bad_input;
#[cfg(target_os = "linux")]
mod browser;
#[cfg(target_os = "linux")]
mod canvas;
mod capsule;
mod config_commands;
#[cfg(unix)]
mod config_edit;
mod config_rpc;
#[cfg(unix)]
mod control_ui;
#[cfg(target_os = "linux")]
mod control_ui_browser;
#[cfg(target_os = "linux")]
mod conversations;
#[cfg(unix)]
mod crash;
#[cfg(target_os = "linux")]
mod cron;
mod cron_commands;
#[cfg(target_os = "linux")]
mod dashboard;
mod dev_loop;
mod dev_profile;
#[cfg(unix)]
mod dev_reload_mode;
#[cfg(target_os = "linux")]
mod dev_replay;
#[cfg(target_os = "linux")]
mod dev_run;
#[cfg(target_os = "linux")]
#[cfg(target_os = "linux")]
mod discovery;
mod doctor;
#[cfg(target_os = "linux")]
mod exec;
mod explain;
#[cfg(unix)]
mod fixtures;
#[cfg(target_os = "linux")]
mod force;
mod foreground;
mod gateway_logs;
#[cfg(target_os = "linux")]
mod gateway_probe;
#[cfg(target_os = "linux")]
mod gateway_status;
#[cfg(target_os = "linux")]
mod hooks;
#[cfg(target_os = "linux")]
mod hostile;
#[cfg(unix)]
mod hostile_page;
#[cfg(unix)]
mod http_surface;
#[cfg(unix)]
mod identity;
#[cfg(unix)]
mod keeper;
#[cfg(unix)]
mod keys;
#[cfg(target_os = "linux")]
mod leftovers;
#[cfg(target_os = "linux")]
mod limits;
mod logs;
mod method_reference;
mod onboard;
#[cfg(unix)]
mod onboard_screens;
#[cfg(target_os = "linux")]
mod one_instance;
#[cfg(unix)]
mod own_writes;
mod peer;
mod peer_commands;
#[cfg(unix)]
mod peer_cron;
#[cfg(unix)]
mod peer_http;
mod peer_nodes;
#[cfg(unix)]
mod peer_replay;
#[cfg(unix)]
mod peer_state;
#[cfg(target_os = "linux")]
mod protocol_fixtures;
mod random_edits;
#[cfg(target_os = "linux")]
mod recipes;
#[cfg(unix)]
mod recording;
#[cfg(unix)]
mod recording_running;
#[cfg(target_os = "linux")]
mod recording_trouble;
mod refusals;
#[cfg(unix)]
mod reload_at_random;
#[cfg(unix)]
mod reload_in_process;
mod reload_kinds;
#[cfg(unix)]
mod reload_refused;
#[cfg(unix)]
mod reload_signals;
#[cfg(target_os = "linux")]
mod remote_peers;
#[cfg(unix)]
mod replay;
mod scheduled_task;
#[cfg(target_os = "linux")]
mod service;
#[cfg(target_os = "linux")]
mod service_manager;
#[cfg(unix)]
mod shells;
mod signals;
#[cfg(target_os = "linux")]
mod skills;
#[cfg(target_os = "linux")]
mod state_dir;
#[expect(dead_code, reason = "shared with the benchmark, which uses the rest")]
mod support;
#[cfg(target_os = "linux")]
mod tailscale;
mod take_away;
#[cfg(target_os = "linux")]
mod terminal;
mod tls;
#[cfg(target_os = "linux")]
mod tools_invoke;
mod wizard;
