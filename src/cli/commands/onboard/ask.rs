//! The questions to a person at a terminal.

use std::io;

use crate::cli::output::Printer;
use crate::cli::prompt;
use crate::config::Config;
use crate::onboarding::{Answers, OnboardAuth, RISK, bind_name};
use crate::settings::{AuthMode, BindMode, Secret};

/// Whether the person accepts that.
pub(super) fn risk(printer: &Printer) -> io::Result<bool> {
    printer.error(RISK);
    prompt::yes(printer, "Go on?")
}

/// Asks for what the options have not said; `None` when the input ends. The proposals are what is in effect.
pub(super) fn questions(
    mut answers: Answers,
    config: &Config,
    default_port: u16,
    printer: &Printer,
) -> io::Result<Option<Answers>> {
    let gateway = &config.gateway;
    if answers.port.is_none() {
        let current = gateway.port.unwrap_or(default_port);
        let asked = choose(printer, "Port", &current.to_string(), "a number from 1 to 65535", |answer| {
            answer.parse::<u16>().ok().filter(|port| *port != 0)
        })?;
        let Some(port) = asked else { return Ok(None) };
        answers.port = Some(port).filter(|port| *port != current);
    }
    if answers.bind.is_none() {
        let current = gateway.bind.unwrap_or_default();
        let names = "loopback (this machine alone), lan, tailnet, or auto";
        let asked = choose(printer, "Listen on", bind_name(current), names, |answer| match answer {
            "loopback" => Some(BindMode::Loopback),
            "lan" => Some(BindMode::Lan),
            "tailnet" => Some(BindMode::Tailnet),
            "auto" => Some(BindMode::Auto),
            "custom" if current == BindMode::Custom => Some(BindMode::Custom),
            _ => None,
        })?;
        let Some(bind) = asked else { return Ok(None) };
        answers.bind = Some(bind).filter(|bind| *bind != current);
    }
    if answers.auth.is_none() && answers.token.is_none() && answers.password.is_none() {
        let password = gateway.auth.mode == Some(AuthMode::Password);
        let current = if password { "password" } else { "token" };
        let asked =
            choose(printer, "Clients authenticate by", current, "token, password, or off", |answer| {
                match answer {
                    "token" => Some(OnboardAuth::Token),
                    "password" => Some(OnboardAuth::Password),
                    "off" => Some(OnboardAuth::Off),
                    _ => None,
                }
            })?;
        let Some(auth) = asked else { return Ok(None) };
        answers.auth = Some(auth);
        if auth == OnboardAuth::Password && gateway.auth.password.is_none() {
            let Some(password) = password_of(printer)? else { return Ok(None) };
            answers.password = Some(password);
        }
    }
    Ok(Some(answers))
}

/// Asks until the answer is one of the legal ones.
fn choose<T>(
    printer: &Printer,
    question: &str,
    current: &str,
    legal: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> io::Result<Option<T>> {
    loop {
        let Some(answer) = prompt::line(printer, question, current)? else { return Ok(None) };
        if let Some(parsed) = parse(&answer) {
            return Ok(Some(parsed));
        }
        printer.error(&format!("Write {legal}."));
    }
}

fn password_of(printer: &Printer) -> io::Result<Option<Secret>> {
    loop {
        let Some(password) = prompt::hidden(printer, "Password")? else { return Ok(None) };
        if !password.trim().is_empty() {
            return Ok(Some(Secret::new(password)));
        }
        printer.error("A password has at least one character.");
    }
}
