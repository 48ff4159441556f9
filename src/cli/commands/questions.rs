//! What `onboard` and `configure` ask about the gateway. What is configured is proposed, and only another answer counts.

use crate::cli::prompt::{Choice, Prompt, Stopped};
use crate::config::Config;
use crate::onboarding::{Answers, BIND_MODES, OnboardAuth, bind_name};
use crate::profile::{ProfilePaths, shorten};
use crate::settings::{BindMode, Secret, TailscaleMode, configured_workspace};

/// Who is asked, and what is configured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Questions<'a> {
    pub(super) prompt: Prompt<'a>,
    pub(super) config: &'a Config,
    pub(super) paths: &'a ProfilePaths,
}

const AUTH: [(OnboardAuth, Choice); 3] = [
    (OnboardAuth::Token, Choice { name: "token", meaning: "a long random text, made when there is none" }),
    (OnboardAuth::Password, Choice { name: "password", meaning: "a text that you choose" }),
    (OnboardAuth::Off, Choice { name: "off", meaning: "nobody has to; on this machine alone" }),
];

const TAILSCALE: [(TailscaleMode, Choice); 3] = [
    (TailscaleMode::Off, Choice { name: "off", meaning: "not by Tailscale" }),
    (TailscaleMode::Serve, Choice { name: "serve", meaning: "to your tailnet" }),
    (TailscaleMode::Funnel, Choice { name: "funnel", meaning: "to the internet; needs a password" }),
];

impl Questions<'_> {
    /// Where the gateway listens.
    pub(super) fn listen(&self, answers: &mut Answers) -> Result<(), Stopped> {
        let gateway = &self.config.gateway;
        if answers.port.is_none() {
            let current = gateway.port.unwrap_or(self.paths.default_port);
            let port = self.prompt.text("Port", &current.to_string(), port)?;
            answers.port = Some(port).filter(|port| *port != current);
        }
        if answers.bind.is_none() {
            let current = gateway.bind.unwrap_or_default();
            let mut modes = BIND_MODES.to_vec();
            if current == BindMode::Custom {
                modes.push((BindMode::Custom, "gateway.customBindHost, as configured"));
            }
            let choices: Vec<_> =
                modes.iter().map(|&(mode, meaning)| Choice { name: bind_name(mode), meaning }).collect();
            let at = modes.iter().position(|(mode, _)| *mode == current).unwrap_or_default();
            let bind = modes[self.prompt.select("Listen on", &choices, at)?].0;
            answers.bind = Some(bind).filter(|bind| *bind != current);
        }
        Ok(())
    }

    /// How clients authenticate, with the secret that this needs.
    pub(super) fn auth(&self, answers: &mut Answers, current: OnboardAuth) -> Result<(), Stopped> {
        if answers.auth.is_some() || answers.token.is_some() || answers.password.is_some() {
            return Ok(());
        }
        let choices = AUTH.map(|(_, choice)| choice);
        let at = AUTH.iter().position(|(auth, _)| *auth == current).unwrap_or_default();
        let auth = AUTH[self.prompt.select("Clients authenticate by", &choices, at)?].0;
        answers.auth = Some(auth);
        let set = |secret: &Option<Secret>| {
            secret.as_ref().is_some_and(|secret| !secret.expose().trim().is_empty())
        };
        let configured = &self.config.gateway.auth;
        match auth {
            OnboardAuth::Token if set(&configured.token) => {
                answers.renew_token = !self.prompt.confirm("Keep the token that is set?", true)?;
            }
            OnboardAuth::Password
                if !set(&configured.password)
                    || !self.prompt.confirm("Keep the password that is set?", true)? =>
            {
                answers.password = Some(self.prompt.secret("Password")?);
            }
            OnboardAuth::Token | OnboardAuth::Password | OnboardAuth::Off => {}
        }
        Ok(())
    }

    /// Whether Tailscale exposes it.
    pub(super) fn tailscale(&self, answers: &mut Answers) -> Result<(), Stopped> {
        if answers.tailscale.is_some() {
            return Ok(());
        }
        let configured = &self.config.gateway.tailscale;
        let current = configured.mode.unwrap_or_default();
        let choices = TAILSCALE.map(|(_, choice)| choice);
        let at = TAILSCALE.iter().position(|(mode, _)| *mode == current).unwrap_or_default();
        let mode = TAILSCALE[self.prompt.select("Expose it with Tailscale", &choices, at)?].0;
        answers.tailscale = Some(mode).filter(|mode| *mode != current);
        if mode != TailscaleMode::Off && answers.reset_on_exit.is_none() {
            let current = configured.reset_on_exit.unwrap_or_default();
            let reset = self.prompt.confirm("End the exposure when the gateway ends?", current)?;
            answers.reset_on_exit = Some(reset).filter(|reset| *reset != current);
        }
        if mode == TailscaleMode::Funnel
            && self.config.gateway.auth.password.is_none()
            && answers.password.is_none()
        {
            answers.password = Some(self.prompt.secret("Password, which the internet needs")?);
        }
        Ok(())
    }

    /// Where the agents work.
    pub(super) fn workspace(&self, answers: &mut Answers) -> Result<(), Stopped> {
        if answers.workspace.is_some() {
            return Ok(());
        }
        let named =
            self.config.agents.defaults.workspace.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let current = match named {
            Some(named) => named.to_owned(),
            None => shorten(
                &configured_workspace(self.config, self.paths)
                    .unwrap_or_else(|| self.paths.default_workspace.clone()),
                &self.paths.home,
            ),
        };
        let workspace = self.prompt.text("Workspace of the agents", &current, directory)?;
        answers.workspace = Some(workspace).filter(|workspace| *workspace != current);
        Ok(())
    }
}

fn port(answer: &str) -> Result<u16, &'static str> {
    answer.parse().ok().filter(|port| *port != 0).ok_or("a number from 1 to 65535")
}

fn directory(answer: &str) -> Result<String, &'static str> {
    if answer.is_empty() || answer.contains(char::is_control) {
        return Err("the path of a directory");
    }
    Ok(answer.to_owned())
}
