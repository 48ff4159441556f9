//! The definition: XML of the Task Scheduler, written and read. Pure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::escape::{partial_escape, unescape};
use quick_xml::events::Event;

use super::role::{self, ROLE, TaskRun};
use super::words;
use crate::service::{Definition, ServiceSpec};

/// The definition for a service that starts when `user` (`DOMAIN\name`) logs on.
pub(super) fn render(spec: &ServiceSpec, user: &str) -> String {
    let program = spec.argv.first().map_or("", String::as_str);
    let arguments = role::arguments(spec);
    let arguments = words::join(arguments.iter().map(String::as_str));
    let escape = |text: &str| partial_escape(text).into_owned();
    // The default time limit is 72 hours, the default priority below that of every program. Batteries are no reason
    // to stop, and one gateway is enough. One that fails is started again ten times, a minute apart, the least that
    // the scheduler takes. A trigger without a user would need an administrator.
    format!(
        r#"<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>{description}</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>{user}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <IdleSettings>
      <StopOnIdleEnd>false</StopOnIdleEnd>
      <RestartOnIdle>false</RestartOnIdle>
    </IdleSettings>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <Hidden>false</Hidden>
    <RunOnlyIfIdle>false</RunOnlyIfIdle>
    <WakeToRun>false</WakeToRun>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>5</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>10</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{program}</Command>
      <Arguments>{arguments}</Arguments>
    </Exec>
  </Actions>
</Task>
"#,
        description = escape(&spec.description),
        user = escape(user),
        program = escape(program),
        arguments = escape(&arguments),
    )
}

/// Reads a definition, whoever wrote it. What is missing is empty.
pub(super) fn read(file: &Path, text: &str) -> Definition {
    let mut found = exec(text);
    let mut take = |name| found.remove(name).unwrap_or_default();
    let (command, arguments, directory) = (take("Command"), take("Arguments"), take("WorkingDirectory"));
    let (mut environment, mut words) = (BTreeMap::new(), words::split(&arguments));
    if words.first().is_some_and(|word| word == ROLE)
        && let Some(run) = TaskRun::parse(&words[1..])
    {
        (environment, words) = (run.environment, run.arguments);
    }
    // The Task Scheduler takes the command with quotes around it, too.
    let command = command.trim_matches('"').to_owned();
    let argv = if command.is_empty() { Vec::new() } else { [command].into_iter().chain(words).collect() };
    Definition {
        path: file.to_owned(),
        text: text.to_owned(),
        argv,
        environment,
        working_directory: Some(directory).filter(|path| !path.is_empty()).map(PathBuf::from),
    }
}

/// The texts of the first action that starts a program, by the names of their elements. Reads as far as it is XML.
fn exec(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut reader = Reader::from_str(text);
    let mut within = false;
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(element) if element.local_name().as_ref() == "Exec" => within = true,
            Event::End(element) if element.local_name().as_ref() == "Exec" => break,
            Event::Start(element) if within => {
                let Ok(text) = reader.read_text(element.name()) else { break };
                let Ok(text) = unescape(&text) else { break };
                found.insert(element.local_name().as_ref().to_owned(), text.trim().to_owned());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Author;
    use crate::service::schtasks::tests::{USER, spec};

    const OURS: &str = include_str!("../../../fixtures/service/schtasks/gateway-task.xml");

    #[test]
    fn the_definition_is_the_one_that_was_agreed_upon() {
        assert_eq!(render(&spec(), USER), OURS);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut spec = spec();
        spec.argv.extend(["<a> & \"b\\\" 'c'", "", "C:\\x y\\"].map(str::to_owned));
        spec.environment.insert("TEXT".to_owned(), "a \"b\" & \u{e9}".to_owned());
        let text = render(&spec, "WORK & CO\\J\u{fc}rgen");
        let read = read(Path::new("task.xml"), &text);
        assert_eq!((read.author(), read.port()), (Author::Ours, Some(18789)));
        assert_eq!((read.argv, read.environment, read.text), (spec.argv, spec.environment, text));
    }

    #[test]
    fn definitions_by_hand_are_read_as_far_as_they_go() {
        let check = |text: &str, argv: &[&str]| assert_eq!(read(Path::new("x"), text).argv, argv, "{text}");
        check(
            "<Task><Actions><Exec><Command>\"C:\\a b\\c.exe\"</Command></Exec></Actions></Task>",
            &["C:\\a b\\c.exe"],
        );
        check(
            "<t:Exec xmlns:t='x'><t:Command>a</t:Command><t:Arguments>&quot;b c&quot;</t:Arguments></t:Exec>",
            &["a", "b c"],
        );
        check(
            "<Exec><Command>a</Command><Arguments>__task x y</Arguments></Exec>",
            &["a", "__task", "x", "y"],
        );
        for text in ["", "no XML", "<Exec>", "<Exec><Command>a", "<Exec><Command>&none;</Command></Exec>"] {
            check(text, &[]);
        }
    }
}
