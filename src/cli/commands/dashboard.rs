//! `clawdbot dashboard`: the address of the Control UI with the token in it, and a browser that opens it.

use std::process::ExitCode;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::reach::{Known, block_on, brief};
use crate::cli::args::{ClientArgs, DashboardArgs};
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::client::target::{Target, http, page, port_of};
use crate::gateway::ticket;
use crate::platform::{browser, clock};
use crate::profile::ResolvedProfile;
use crate::settings::{self, Secret};

/// How long the gateway may take to answer.
const TIMEOUT_MS: u64 = 5_000;

/// What became of the browser.
#[derive(Debug)]
enum Opening {
    Opened,
    NotAsked,
    /// There is none to be seen from here.
    NoDesktop,
    /// It would take a secret on a command line.
    Unsafe,
    Failed(String),
}

/// Prints the address, and opens it unless that is not wanted. Without a gateway the address leads nowhere: it is printed
/// all the same, and the exit code is 3.
pub(crate) fn run(
    args: &DashboardArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let known = Known::read(profile, printer);
    let ui = settings::control_ui(&known.env, &profile.paths, &known.config);
    let own = profile.paths.command();
    if !ui.enabled {
        return Err(ExpectedError::Failed(format!(
            "The Control UI is off: gateway.controlUi.enabled is false.\nFix: {own} config set gateway.controlUi.enabled true"
        )));
    }
    let target = known.target(&client_args(args), known.running.as_ref());
    let page = page(&target.url, &ui.base_path);
    let url = with_token(&page, target.token.as_ref());
    if !args.json {
        printer.text(&format!("Dashboard URL: {url}"));
    }
    let limit = Duration::from_millis(TIMEOUT_MS);
    block_on(async { Ok(known.greets(&target, limit).await) })?.map_err(|error| {
        let fix = if target.is_own() {
            format!("\nFix: start it with: {}", profile.paths.start_command())
        } else {
            String::new()
        };
        ExpectedError::Unreachable(format!("The gateway does not answer: {}.{fix}", brief(&error)))
    })?;
    let opening = open(args, &page, &target, profile);
    if args.json {
        let error = if let Opening::Failed(error) = &opening { Some(error) } else { None };
        let opened = matches!(opening, Opening::Opened);
        printer.json(&json!({ "ok": true, "url": url, "opened": opened, "error": error }));
    } else {
        // The third word is our own address.
        let host = profile.env.get("SSH_CONNECTION").and_then(|words| words.split(' ').nth(2));
        say(&opening, &url, &target, host, printer);
    }
    Ok(ExitCode::SUCCESS)
}

fn open(args: &DashboardArgs, page: &str, target: &Target, profile: &ResolvedProfile) -> Opening {
    if args.no_open {
        return Opening::NotAsked;
    }
    if !browser::has_desktop(|name| profile.env.get(name).is_some()) {
        return Opening::NoDesktop;
    }
    let place = if target.token.is_none() {
        page.to_owned()
    } else if target.is_own() {
        let base = http(&target.url);
        match ticket::issue(&profile.paths.state_dir, clock::unix_ms()) {
            Ok(ticket) => format!("{base}{}{ticket}", ticket::PREFIX),
            Err(error) => return Opening::Failed(error.to_string()),
        }
    } else {
        return Opening::Unsafe;
    };
    match browser::open(&place) {
        Ok(()) => Opening::Opened,
        Err(error) => Opening::Failed(error.to_string()),
    }
}

/// The published words; `host` is this machine as the person has reached it.
fn say(opening: &Opening, url: &str, target: &Target, host: Option<&str>, printer: &Printer) {
    match opening {
        Opening::Opened => printer.text("Opened in your browser. Keep that tab to control Clawdbot."),
        Opening::NotAsked => {}
        Opening::NoDesktop => {
            let port = port_of(&target.url).unwrap_or_default();
            let path = url.splitn(4, '/').nth(3).unwrap_or_default();
            let scheme = if url.starts_with("https") { "https" } else { "http" };
            printer.text(&format!(
                "No GUI detected. Open from your computer:\nssh -N -L {port}:127.0.0.1:{port} user@{}\n\
                 Then open:\n{scheme}://localhost:{port}/{path}",
                host.unwrap_or("<host>"),
            ));
        }
        Opening::Unsafe => printer.text(
            "Open the URL above yourself: the browser of this machine would be started with the token on its command \
             line.",
        ),
        Opening::Failed(error) => printer.error(&format!("No browser was opened: {error}. Open the URL above yourself.")),
    }
}

/// As if it had been typed without options.
fn client_args(args: &DashboardArgs) -> ClientArgs {
    ClientArgs {
        url: None,
        token: None,
        password: None,
        tls_fingerprint: None,
        timeout_ms: TIMEOUT_MS,
        json: args.json,
    }
}

fn with_token(page: &str, token: Option<&Secret>) -> String {
    let query =
        token.map(|token| format!("?token={}", utf8_percent_encode(token.expose(), NON_ALPHANUMERIC)));
    format!("{page}{}", query.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stands_in_an_address_as_it_is() {
        let token = Secret::new("a b&c=d/é");
        assert_eq!(with_token("http://h/", Some(&token)), "http://h/?token=a%20b%26c%3Dd%2F%C3%A9");
        assert_eq!(with_token("http://h/", None), "http://h/");
    }
}
