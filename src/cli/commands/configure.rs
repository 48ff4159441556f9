//! `clawdbot configure`: a person changes what is configured, section by section; written once, at the end.

use std::process::ExitCode;

use super::config::{Applies, not_written};
use super::questions::Questions;
use super::reach::environment;
use crate::cli::args::{ConfigureArgs, Section};
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::cli::prompt::{self, Choice, Prompt, Stopped};
use crate::config::{Document, Outcome, render};
use crate::harness::check_isolation;
use crate::onboarding::{Answers, apply, fresh_token, present_auth, usable};
use crate::profile::{ResolvedProfile, shorten};

/// What the list of sections shows; the last one ends it.
const SECTIONS: [(Option<Section>, Choice); 5] = [
    (Some(Section::Gateway), Choice { name: "gateway", meaning: "port and addresses" }),
    (Some(Section::Auth), Choice { name: "auth", meaning: "how clients authenticate" }),
    (Some(Section::Tailscale), Choice { name: "tailscale", meaning: "exposure by Tailscale" }),
    (Some(Section::Workspace), Choice { name: "workspace", meaning: "where the agents work" }),
    (None, Choice { name: "done", meaning: "write what was changed" }),
];

/// Asks, then writes.
pub(crate) fn run(
    args: &ConfigureArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let paths = &profile.paths;
    let command = paths.command();
    check_isolation(paths, &paths.state_dir)?;
    if !prompt::possible() {
        return Err(ExpectedError::Failed(format!(
            "`configure` asks questions, and there is no terminal to ask them on.\n\
             Use: {command} config set PATH VALUE"
        )));
    }
    let env = environment(profile, printer);
    let document = Document::load(&paths.config_path, &env);
    if let Outcome::Invalid(issues) = &document.snapshot.outcome {
        return Err(ExpectedError::Refused(format!(
            "{}Mend it with: {command} config edit",
            render(issues, &paths.home)
        )));
    }
    let config = usable(&document);
    let questions = Questions { prompt: Prompt::new(printer, &env), config: &config, paths };
    let answers = ask(&questions, &args.section).map_err(|stopped| stopped.before("Nothing was written."))?;

    let token = fresh_token()
        .map_err(|error| ExpectedError::Failed(format!("Error: failed to make a token: {error}.")))?;
    let applied = apply(&answers, &token, paths, &env).map_err(|error| not_written(error, paths))?;
    let file = shorten(&paths.config_path, &paths.home);
    if !applied.written.changed {
        printer.text(&format!("Nothing was changed in {file}."));
        return Ok(ExitCode::SUCCESS);
    }
    let effect = Applies::find(&applied.written, paths);
    printer.text(&format!("Updated {file}. {}", effect.sentence()));
    for note in &applied.plan.notes {
        printer.text(note);
    }
    if applied.plan.token_made {
        printer.text(&format!(
            "A token was made. Show it with: {command} config get gateway.auth.token --reveal"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// The named sections, or those that are chosen until nothing more is.
fn ask(questions: &Questions<'_>, named: &[Section]) -> Result<Answers, Stopped> {
    let mut answers = Answers { only_said: true, ..Answers::default() };
    for section in named {
        section_of(questions, *section, &mut answers)?;
    }
    let choices = SECTIONS.map(|(_, choice)| choice);
    let mut at = 0;
    while named.is_empty() {
        at = questions.prompt.select("Change what?", &choices, at)?;
        let Some(section) = SECTIONS[at].0 else { break };
        section_of(questions, section, &mut answers)?;
        at += 1;
    }
    Ok(answers)
}

/// A section that is chosen again is asked again.
fn section_of(questions: &Questions<'_>, section: Section, answers: &mut Answers) -> Result<(), Stopped> {
    match section {
        Section::Gateway => {
            (answers.port, answers.bind) = (None, None);
            questions.listen(answers)
        }
        Section::Auth => {
            (answers.auth, answers.password, answers.renew_token) = (None, None, false);
            let present = present_auth(questions.config);
            questions.auth(answers, present)?;
            // The same again is no change.
            if answers.password.is_none() && !answers.renew_token {
                answers.auth = answers.auth.filter(|auth| *auth != present);
            }
            Ok(())
        }
        Section::Tailscale => {
            (answers.tailscale, answers.reset_on_exit) = (None, None);
            questions.tailscale(answers)
        }
        Section::Workspace => {
            answers.workspace = None;
            questions.workspace(answers)
        }
    }
}
