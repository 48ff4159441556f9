//! Definitions that stand there already.

use std::fs;

use super::installed::{CONFIG, Manager, Service, systemctl};

#[test]
fn an_edited_unit_is_shown_and_kept() {
    let Some(manager) = Manager::take() else { return };
    let service = Service::new(&manager, CONFIG);
    service.gateway(&["install", "--port", "0"]).expect_code(0);
    let edited =
        fs::read_to_string(service.unit_file()).unwrap().replace("RestartSec=1\n", "RestartSec=9\nNice=5\n");
    fs::write(service.unit_file(), &edited).unwrap();
    systemctl(&["daemon-reload"]);
    let shown = service.gateway(&["install", "--port", "0"]).expect_code(1);
    for line in ["- RestartSec=9", "- Nice=5", "+ RestartSec=1", "gateway install --force"] {
        assert!(shown.stderr.contains(line), "{line}: {}", shown.stderr);
    }
    assert_eq!(fs::read_to_string(service.unit_file()).unwrap(), edited);
    service.gateway(&["install", "--port", "0", "--force"]).expect_code(0);
    assert!(!fs::read_to_string(service.unit_file()).unwrap().contains("Nice"));
    // Another port is another definition.
    let shown = service.gateway(&["install", "--port", "1"]).expect_code(1);
    assert!(shown.stderr.contains("--port 0") && shown.stderr.contains("--port 1"), "{}", shown.stderr);
}

#[test]
fn the_node_programs_service_is_taken_over_on_request() {
    let Some(manager) = Manager::take() else { return };
    let service = Service::new(&manager, CONFIG);
    let published = include_str!("../../../fixtures/service/systemd/published.service");
    fs::write(service.unit_file(), published).unwrap();
    systemctl(&["daemon-reload"]);
    let shown = service.gateway(&["install", "--port", "0"]).expect_code(1).expect_stderr("Node program");
    assert!(shown.stderr.contains("CLAWDBOT_GATEWAY_TOKEN=[hidden]"), "{}", shown.stderr);
    assert!(!shown.stderr.contains("not-a-real-token"));
    assert_eq!(fs::read_to_string(service.unit_file()).unwrap(), published);
    service.gateway(&["install", "--port", "0", "--force", "--start"]).expect_code(0);
    assert!(service.health().is_some());
}

#[test]
fn a_masked_unit_names_its_way_out() {
    let Some(manager) = Manager::take() else { return };
    let service = Service::new(&manager, CONFIG);
    systemctl(&["mask", &service.unit()]);
    let refused = service.gateway(&["install", "--port", "0"]);
    assert_eq!(refused.code(), Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("systemctl --user unmask"), "{}", refused.stderr);
    assert_eq!(service.show("LoadState"), "masked", "it stays");
    systemctl(&["unmask", &service.unit()]);
}
