//! What `schtasks /Query /V /FO CSV /NH` says. Words are in the language of Windows; columns and numbers are not. Pure.

use crate::service::{Runtime, ServiceStatus};

/// Columns, counted from zero.
const STATUS: usize = 3;
const LAST_RUN: usize = 5;
const LAST_RESULT: usize = 6;

/// Results of the Task Scheduler itself (`SCHED_S_…`); others are exit codes, or errors of Windows.
const RUNNING: i64 = 0x41301;
const NEVER_RUN: i64 = 0x41303;
const ENDED_BY_USER: i64 = 0x41306;
const QUEUED: i64 = 0x41325;
const OWN_RESULTS: std::ops::RangeInclusive<i64> = 0x41300..=0x41330;

/// The status in the first row that has the columns.
pub(super) fn parse(output: &str) -> Option<ServiceStatus> {
    let row = rows(output).into_iter().find(|row| row.len() > LAST_RESULT)?;
    // Letters of the console's code page that are no UTF-8 help nobody.
    let is_readable = |text: &String| !text.is_empty() && !text.contains(char::REPLACEMENT_CHARACTER);
    let text = |column: usize| Some(row[column].trim().to_owned()).filter(is_readable);
    let result: Option<i64> = row[LAST_RESULT].trim().parse().ok();
    let runtime = match result {
        None => Runtime::Unknown,
        Some(RUNNING) => Runtime::Running,
        Some(QUEUED) => Runtime::Starting,
        Some(0) => Runtime::Stopped,
        Some(result) if OWN_RESULTS.contains(&result) => Runtime::Stopped,
        Some(_) => Runtime::Failed,
    };
    let code =
        result.filter(|result| !OWN_RESULTS.contains(result)).and_then(|result| i32::try_from(result).ok());
    Some(ServiceStatus {
        loaded: true,
        runtime,
        state: text(STATUS),
        sub_state: None,
        pid: None,
        last_exit: code,
        last_reason: match result {
            Some(ENDED_BY_USER) => Some("ended by schtasks /End or by hand".to_owned()),
            // `0x80070002` says more than a negative number.
            Some(error) if error < 0 => i32::try_from(error).ok().map(|error| format!("{error:#x}")),
            _ => None,
        },
        restarts: None,
        last_run: text(LAST_RUN).filter(|_| result != Some(NEVER_RUN)),
        detail: None,
    })
}

/// The fields of every row. Quotes stand around each, and twice within.
fn rows(output: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut field = String::new();
    let mut within = false;
    let mut letters = output.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if within && letters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => within = !within,
            ',' if !within => row.push(std::mem::take(&mut field)),
            '\r' if !within => {}
            '\n' if !within => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            letter => field.push(letter),
        }
    }
    row.push(field);
    rows.push(row);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(output: &str, runtime: Runtime, state: &str, exit: Option<i32>) -> ServiceStatus {
        let status = parse(output).unwrap();
        assert_eq!((status.runtime, status.state.as_deref(), status.last_exit), (runtime, Some(state), exit));
        status
    }

    #[test]
    fn the_language_of_windows_does_not_matter() {
        let english = include_str!("../../../fixtures/service/schtasks/query-running.en.csv");
        check(english, Runtime::Running, "Running", None);
        let german = include_str!("../../../fixtures/service/schtasks/query-running.de.csv");
        check(german, Runtime::Running, "Wird ausgef\u{fc}hrt", None);
        let japanese = include_str!("../../../fixtures/service/schtasks/query-ready.ja.csv");
        check(japanese, Runtime::Stopped, "\u{6e96}\u{5099}\u{5b8c}\u{4e86}", None);
        let spanish = include_str!("../../../fixtures/service/schtasks/query-failed.es.csv");
        let status = check(spanish, Runtime::Failed, "Listo", Some(78));
        assert_eq!(status.last_run.as_deref(), Some("28/11/2026 9:15:02"));
    }

    #[test]
    fn errors_of_windows_are_told_as_people_look_them_up() {
        let row = "\r\n\"PC\",\"\\A \"\"B\"\", c\",\"N/A\",\"Ready\",\"Interactive only\",\"x\",\"-2147024894\"\r\n";
        let status = check(row, Runtime::Failed, "Ready", Some(-2_147_024_894));
        assert_eq!(status.last_reason.as_deref(), Some("0x80070002"));
        assert_eq!(rows(row)[1][1], "\\A \"B\", c");
    }

    #[test]
    fn what_is_no_row_is_no_status() {
        for output in ["", "\r\n", "INFO: no tasks", "a,b,c"] {
            assert_eq!(parse(output), None, "{output:?}");
        }
        let strange = "a,b,c,d,e,f,no number";
        assert_eq!(parse(strange).map(|status| status.runtime), Some(Runtime::Unknown));
    }
}
