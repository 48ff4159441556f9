//! What is asked, in which order, and what the answers mean. Pure.

use serde_json::Value;

use super::step::Step;
use crate::config::Config;
use crate::onboarding::{Answers, BIND_MODES, OnboardAuth, RISK, bind_name};
use crate::settings::{AuthMode, BindMode, Secret, TailscaleMode};

/// A wizard that runs.
#[derive(Debug)]
pub(crate) struct Session {
    /// What is configured now, from which the proposals are made.
    config: Config,
    default_port: u16,
    /// The configuration file, for people.
    file: String,
    answers: Answers,
    at: At,
}

/// The step that waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Welcome,
    Security,
    Risk,
    Port,
    Bind,
    Auth,
    Password,
    Write,
}

/// What came of an answer.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// There is another step.
    Next,
    /// Everything is answered: this is wanted.
    Write(Answers),
    /// The person does not want to; why.
    Cancelled(&'static str),
}

/// An answer that the step cannot have; it waits for another one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("wizard: {message}")]
pub(crate) struct Wrong {
    message: &'static str,
    /// What would have been right, when that is a closed set.
    pub(crate) allowed: Vec<&'static str>,
}

// === impl Session ===

impl Session {
    /// A wizard that proposes what is configured.
    pub(crate) fn new(config: Config, default_port: u16, file: String, workspace: Option<String>) -> Self {
        let answers = Answers { workspace, ..Answers::default() };
        Self { config, default_port, file, answers, at: At::Welcome }
    }

    /// The step that waits for its answer.
    pub(crate) fn step(&self) -> Step {
        let gateway = &self.config.gateway;
        match self.at {
            At::Welcome => Step::note(
                "Clawdbot onboarding",
                format!(
                    "Makes {} one that the gateway starts with. Nothing is written before the end.",
                    self.file
                ),
            ),
            At::Security => Step::note("Security", RISK),
            At::Risk => Step::confirm("I understand that. Continue?", false),
            At::Port => Step::text("Gateway port", &self.port().to_string()),
            At::Bind => {
                let current = gateway.bind.unwrap_or_default();
                let mut options: Vec<_> =
                    BIND_MODES.iter().map(|&(mode, hint)| (bind_name(mode), bind_name(mode), hint)).collect();
                if current == BindMode::Custom {
                    options.push(("custom", "custom", "as configured"));
                }
                Step::select("Gateway bind", options, bind_name(current))
            }
            At::Auth => Step::select(
                "Gateway auth",
                vec![
                    ("token", "Token", "an existing one is kept, else one is made"),
                    ("password", "Password", "an existing one is kept, else it is asked for"),
                    ("off", "Off", "only with bind loopback"),
                ],
                if gateway.auth.mode == Some(AuthMode::Password) { "password" } else { "token" },
            ),
            At::Password => Step::secret("Gateway password"),
            At::Write => Step::confirm(format!("Write {}?", self.file), true),
        }
    }

    /// Takes the answer of the step.
    pub(crate) fn answer(&mut self, value: &Value) -> Result<Outcome, Wrong> {
        let next = match self.at {
            At::Welcome => At::Security,
            At::Security => At::Risk,
            At::Risk if value == &Value::Bool(true) => At::Port,
            At::Risk => return Ok(Outcome::Cancelled("risk not accepted")),
            At::Port => {
                let port = port(value).ok_or_else(|| wrong("a port is a number from 1 to 65535"))?;
                self.answers.port = Some(port).filter(|port| *port != self.port());
                At::Bind
            }
            At::Bind => {
                let chosen = self.chosen(value)?;
                let modes = [BindMode::Custom].into_iter().chain(BIND_MODES.map(|(mode, _)| mode));
                let bind = modes.into_iter().find(|mode| bind_name(*mode) == chosen);
                if bind != Some(BindMode::Loopback) && self.tailscale() != TailscaleMode::Off {
                    return Err(wrong("gateway.tailscale needs the bind loopback"));
                }
                self.answers.bind = bind.filter(|bind| *bind != self.config.gateway.bind.unwrap_or_default());
                At::Auth
            }
            At::Auth => {
                let auth = match self.chosen(value)? {
                    "password" => OnboardAuth::Password,
                    "off" => OnboardAuth::Off,
                    _ => OnboardAuth::Token,
                };
                let bind = self.answers.bind.or(self.config.gateway.bind).unwrap_or_default();
                if auth == OnboardAuth::Off && bind != BindMode::Loopback {
                    return Err(wrong("others can reach this bind, so clients have to authenticate"));
                }
                if auth != OnboardAuth::Password && self.tailscale() == TailscaleMode::Funnel {
                    return Err(wrong("gateway.tailscale funnel needs a password"));
                }
                self.answers.auth = Some(auth);
                let has_password = self.config.gateway.auth.password.is_some();
                if auth == OnboardAuth::Password && !has_password { At::Password } else { At::Write }
            }
            At::Password => {
                let password = value.as_str().filter(|password| !password.trim().is_empty());
                let password = password.ok_or_else(|| wrong("a password has at least one character"))?;
                self.answers.password = Some(Secret::new(password));
                At::Write
            }
            At::Write if value == &Value::Bool(true) => {
                return Ok(Outcome::Write(std::mem::take(&mut self.answers)));
            }
            At::Write => return Ok(Outcome::Cancelled("nothing was written")),
        };
        self.at = next;
        Ok(Outcome::Next)
    }

    fn tailscale(&self) -> TailscaleMode {
        self.config.gateway.tailscale.mode.unwrap_or_default()
    }

    fn port(&self) -> u16 {
        self.config.gateway.port.unwrap_or(self.default_port)
    }

    /// The option that a value names.
    fn chosen(&self, value: &Value) -> Result<&'static str, Wrong> {
        let allowed = self.step().values();
        let chosen = allowed.iter().copied().find(|option| value.as_str() == Some(option));
        chosen.ok_or(Wrong { message: "choose one of the options", allowed })
    }
}

/// A port, as a number or as its text.
fn port(value: &Value) -> Option<u16> {
    let port = match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64().and_then(|number| u16::try_from(number).ok()),
    };
    port.filter(|port| *port != 0)
}

fn wrong(message: &'static str) -> Wrong {
    Wrong { message, allowed: Vec::new() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn session(config: &Value) -> Session {
        Session::new(Config::from_resolved(config), 18_789, "~/c.json".to_owned(), Some("~/w".to_owned()))
    }

    /// Answers every step but the last two.
    #[track_caller]
    fn at_the_end(config: &Value, answers: &[Value]) -> Session {
        let mut session = session(config);
        for answer in [&json!(null), &json!(null), &json!(true)].into_iter().chain(answers) {
            assert!(matches!(session.answer(answer), Ok(Outcome::Next)), "{answer}");
        }
        session
    }

    #[test]
    fn answers_become_what_onboard_would_do() {
        let mut session =
            at_the_end(&json!({}), &[json!(" 2 "), json!("lan"), json!("password"), json!("p")]);
        let Ok(Outcome::Write(answers)) = session.answer(&json!(true)) else { panic!() };
        assert_eq!((answers.port, answers.bind), (Some(2), Some(BindMode::Lan)));
        assert_eq!(answers.auth, Some(OnboardAuth::Password));
        assert_eq!(answers.password.unwrap().expose(), "p");
        assert_eq!(answers.workspace.as_deref(), Some("~/w"));
    }

    #[test]
    fn what_is_configured_is_proposed_and_not_written_again() {
        let configured = json!({ "gateway": {
            "port": 7, "bind": "custom", "auth": { "mode": "password", "password": "p" },
        } });
        let mut session = at_the_end(&configured, &[json!(7), json!("custom"), json!("password")]);
        let Ok(Outcome::Write(answers)) = session.answer(&json!(true)) else { panic!() };
        assert_eq!((answers.port, answers.bind, answers.password.is_none()), (None, None, true));
    }

    #[test]
    fn a_wrong_answer_leaves_the_step() {
        let mut session = at_the_end(&json!({}), &[]);
        for bad in [json!(0), json!(70_000), json!("x"), json!(null), json!(1.5)] {
            assert!(session.answer(&bad).is_err(), "{bad}");
        }
        session.answer(&json!(1)).unwrap();
        assert_eq!(
            session.answer(&json!("custom")).unwrap_err().allowed,
            ["loopback", "lan", "tailnet", "auto"]
        );
        session.answer(&json!("auto")).unwrap();
        session.answer(&json!("password")).unwrap();
        assert_eq!(session.step().json("s")["sensitive"], true);
        assert!(session.answer(&json!(" ")).is_err());
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let mut open = at_the_end(&json!({}), &[json!(1), json!("lan")]);
        assert!(open.answer(&json!("off")).unwrap_err().to_string().contains("have to authenticate"));
        let funnel = json!({ "gateway": { "tailscale": { "mode": "funnel" } } });
        let mut funnel = at_the_end(&funnel, &[json!(1)]);
        assert!(funnel.answer(&json!("lan")).unwrap_err().to_string().contains("needs the bind loopback"));
        funnel.answer(&json!("loopback")).unwrap();
        assert!(funnel.answer(&json!("token")).unwrap_err().to_string().contains("needs a password"));
    }

    #[test]
    fn who_does_not_agree_is_asked_nothing_more() {
        let mut session = session(&json!({}));
        session.answer(&Value::Null).unwrap();
        session.answer(&Value::Null).unwrap();
        assert!(matches!(session.answer(&json!("yes")), Ok(Outcome::Cancelled("risk not accepted"))));
    }
}
