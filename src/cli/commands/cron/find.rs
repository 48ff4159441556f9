//! Which job is meant: an id, the beginning of one, or a name.

use serde_json::{Value, json};

use crate::cli::args::ClientArgs;
use crate::cli::commands::reach::{Question, ask};
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::profile::ResolvedProfile;

/// The id of the job. Asks for the list of jobs unless it is an id already.
pub(super) fn job(
    meant: &str,
    failure: &'static str,
    args: &ClientArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<String, ExpectedError> {
    if uuid::Uuid::try_parse(meant).is_ok() {
        return Ok(meant.to_owned());
    }
    let question = Question { method: "cron.list", params: json!({ "includeDisabled": true }), failure };
    let list = ask(question, args, profile, printer)?;
    let jobs = list["jobs"].as_array().map(Vec::as_slice).unwrap_or_default();
    let command = profile.paths.command();
    choose(meant, jobs, &command).map_err(|problem| ExpectedError::Failed(format!("{failure}{problem}")))
}

/// The only job that can be meant.
fn choose(meant: &str, jobs: &[Value], command: &str) -> Result<String, String> {
    let named = |job: &&Value| job["name"] == meant;
    let begins = |job: &&Value| !meant.is_empty() && id(job).starts_with(meant);
    if let Some(exact) = jobs.iter().find(|job| id(job) == meant) {
        return Ok(id(exact).to_owned());
    }
    let mut fitting: Vec<&Value> = jobs.iter().filter(named).collect();
    if fitting.is_empty() {
        fitting = jobs.iter().filter(begins).collect();
    }
    match fitting.as_slice() {
        [job] => Ok(id(job).to_owned()),
        [] => {
            let near = jobs.iter().filter_map(|job| job["name"].as_str());
            let near =
                near.map(|name| (strsim::jaro_winkler(&name.to_lowercase(), &meant.to_lowercase()), name));
            let near = near.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0));
            let near = near.map_or_else(String::new, |(_, name)| format!(" Did you mean {name}?"));
            Err(format!(
                "there is no job {meant}.{near}\nFix: see all of them with: {command} cron list --all"
            ))
        }
        several => {
            let ids: Vec<&str> = several.iter().map(|job| id(job)).collect();
            Err(format!("{meant} can be any of {}.\nFix: use the id", ids.join(", ")))
        }
    }
}

fn id(job: &Value) -> &str {
    job["id"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(meant: &str, expect: Result<&str, &str>) {
        let jobs =
            [("aa11", "Tea"), ("aa22", "Standup"), ("bb33", "Twice"), ("bb44", "Twice"), ("cc55", "aa11")];
        let jobs = jobs.map(|(id, name)| json!({ "id": id, "name": name }));
        let found = choose(meant, &jobs, "clawdbot");
        assert_eq!(found, expect.map(str::to_owned).map_err(str::to_owned), "{meant}");
    }

    #[test]
    fn ids_names_and_beginnings() {
        check("aa22", Ok("aa22"));
        check("aa11", Ok("aa11"));
        check("Tea", Ok("aa11"));
        check("bb3", Ok("bb33"));
        check("aa", Err("aa can be any of aa11, aa22.\nFix: use the id"));
        check("Twice", Err("Twice can be any of bb33, bb44.\nFix: use the id"));
        let advice = "\nFix: see all of them with: clawdbot cron list --all";
        check("standupp", Err(&format!("there is no job standupp. Did you mean Standup?{advice}")));
        check("", Err(&format!("there is no job .{advice}")));
        check("zz", Err(&format!("there is no job zz.{advice}")));
    }
}
