//! One question, or two, and what is said of the answer.

use std::process::ExitCode;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::show::{self, View};
use super::{find, request};
use crate::cli::args::{CronCommand, CronJobArgs, CronListArgs, CronReach, CronRunArgs, CronRunsArgs};
use crate::cli::commands::reach::{Question, ask};
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::platform::clock;
use crate::profile::ResolvedProfile;

/// What a command needs to ask and to say.
struct Desk<'a> {
    reach: CronReach,
    profile: &'a ResolvedProfile,
    printer: &'a Printer,
    failure: &'static str,
}

/// Performs it. Needs a running gateway.
pub(crate) fn run(
    command: CronCommand,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let reach = command.reach().clone();
    let desk = |failure: &'static str| Desk { reach, profile, printer, failure };
    match command {
        CronCommand::Status(_) => desk("Cron status failed: ").status(),
        CronCommand::List(CronListArgs { all, .. }) => desk("Cron list failed: ").list(all),
        CronCommand::Add(args) => {
            let params = request::add(&args, clock::unix_ms()).map_err(ExpectedError::Usage)?;
            desk("Cron add failed: ").add(params)
        }
        CronCommand::Edit(args) => {
            let patch = request::edit(&args, clock::unix_ms()).map_err(ExpectedError::Usage)?;
            desk("Cron edit failed: ").update(&args.job, &patch, "changed")
        }
        CronCommand::Enable(job) => {
            desk("Cron enable failed: ").update(&job, &json!({ "enabled": true }), "enabled")
        }
        CronCommand::Disable(job) => {
            desk("Cron disable failed: ").update(&job, &json!({ "enabled": false }), "disabled")
        }
        CronCommand::Rm(job) => desk("Cron rm failed: ").remove(&job),
        CronCommand::Run(args) => desk("Cron run failed: ").run(&args),
        CronCommand::Runs(args) => desk("Cron runs failed: ").runs(&args),
    }
}

impl Desk<'_> {
    fn ask(&self, method: &str, params: Value) -> Result<Value, ExpectedError> {
        let question = Question { method, params, failure: self.failure };
        ask(question, &self.reach.client, self.profile, self.printer)
    }

    fn job(&self, meant: &CronJobArgs) -> Result<String, ExpectedError> {
        find::job(&meant.job, self.failure, &self.reach.client, self.profile, self.printer)
    }

    fn view(&self) -> View {
        View { now_ms: clock::unix_ms(), zone: TimeZone::system(), columns: self.printer.columns() }
    }

    /// The answer for scripts, or what `lines` makes of it for people.
    fn say(&self, answer: &Value, lines: impl FnOnce(&View) -> Vec<String>) -> ExitCode {
        if self.reach.client.json {
            self.printer.json(answer);
        } else {
            self.printer.text(&lines(&self.view()).join("\n"));
        }
        ExitCode::SUCCESS
    }

    fn status(&self) -> Result<ExitCode, ExpectedError> {
        let status = self.ask("cron.status", json!({}))?;
        Ok(self.say(&status, |view| show::status(&status, view)))
    }

    fn list(&self, all: bool) -> Result<ExitCode, ExpectedError> {
        let answer = self.ask("cron.list", json!({ "includeDisabled": all }))?;
        let jobs = answer["jobs"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(self.say(&answer, |view| match jobs {
            [] if all => vec!["No cron jobs.".to_owned()],
            [] => vec!["No cron jobs; --all shows those that are off, too.".to_owned()],
            jobs => show::jobs(jobs, view),
        }))
    }

    fn add(&self, params: Value) -> Result<ExitCode, ExpectedError> {
        let job = self.ask("cron.add", params)?;
        if !self.reach.client.json {
            self.printer.tick("job added");
        }
        let done = self.say(&job, |view| show::job(&job, view));
        // It is added; that it does not run is worth a second question.
        if let Ok(status) = self.ask("cron.status", json!({}))
            && status["enabled"] == false
        {
            self.printer.error("Note: the gateway's scheduler is off, so the job does not run by itself. Set cron.enabled to true, and start the gateway without CLAWDBOT_SKIP_CRON.");
        }
        Ok(done)
    }

    fn update(&self, job: &CronJobArgs, patch: &Value, done: &str) -> Result<ExitCode, ExpectedError> {
        let job = self.ask("cron.update", json!({ "id": self.job(job)?, "patch": patch }))?;
        if !self.reach.client.json {
            self.printer.tick(&format!("job {done}"));
        }
        Ok(self.say(&job, |view| show::job(&job, view)))
    }

    fn remove(&self, job: &CronJobArgs) -> Result<ExitCode, ExpectedError> {
        let id = self.job(job)?;
        let answer = self.ask("cron.remove", json!({ "id": id }))?;
        let removed = answer["removed"] == true;
        if self.reach.client.json {
            self.printer.json(&answer);
        } else if removed {
            self.printer.tick(&format!("job removed: {id}"));
        } else {
            self.printer.cross(&format!("there is no job {id}"));
        }
        Ok(if removed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn run(&self, args: &CronRunArgs) -> Result<ExitCode, ExpectedError> {
        let id = self.job(&args.job)?;
        let mode = if args.force { "force" } else { "due" };
        let answer = self.ask("cron.run", json!({ "id": id, "mode": mode }))?;
        if self.reach.client.json {
            self.printer.json(&answer);
            return Ok(ExitCode::SUCCESS);
        }
        if answer["ran"] != true {
            self.printer.text("The job is not due; --force runs it all the same.");
            return Ok(ExitCode::SUCCESS);
        }
        let runs = self.ask("cron.runs", json!({ "id": id, "limit": 1 }))?;
        let last = &runs["entries"][0];
        let about = last["error"].as_str().or_else(|| last["summary"].as_str()).unwrap_or_default();
        match last["status"].as_str() {
            Some("ok") | None => self.printer.tick(&format!("job ran: {about}")),
            Some(status) => self.printer.cross(&format!("job {status}: {about}")),
        }
        let failed = matches!(last["status"].as_str(), Some("error" | "skipped"));
        Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    fn runs(&self, args: &CronRunsArgs) -> Result<ExitCode, ExpectedError> {
        let client = &self.reach.client;
        let id = find::job(&args.job, self.failure, client, self.profile, self.printer)?;
        let answer = self.ask("cron.runs", json!({ "id": id, "limit": args.limit }))?;
        let entries = answer["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(self.say(&answer, |view| match entries {
            [] => vec!["The job has not run yet.".to_owned()],
            entries => show::runs(entries, view),
        }))
    }
}
