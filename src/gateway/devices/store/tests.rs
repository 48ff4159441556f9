use std::fs;

use serde_json::json;

use super::*;

const NOW: u64 = 1_800_000_000_000;

fn paired_file(state: &Path) -> PathBuf {
    state.join("devices/paired.json")
}

fn write_paired(state: &Path, text: &str) {
    fs::create_dir_all(state.join("devices")).unwrap();
    fs::write(paired_file(state), text).unwrap();
}

fn device() -> String {
    let token = json!({ "token": "t1", "role": "operator", "scopes": ["operator.admin"], "createdAtMs": 1 });
    let device = json!({
        "deviceId": "d1", "publicKey": "k1", "roles": ["operator"], "scopes": ["operator.admin"],
        "tokens": { "operator": token }, "createdAtMs": 1, "approvedAtMs": 1,
    });
    json!({ "d1": device }).to_string()
}

fn use_token(store: &DeviceStore, urgency: Urgency) {
    let scopes = ["operator.admin".to_owned()];
    let verify = |book: &mut DeviceBook| book.verify_token("d1", "operator", &scopes, "t1", NOW);
    store.with(verify, |_| urgency).unwrap();
}

#[tokio::test]
async fn changes_are_written_by_a_flush_and_nothing_else_is() {
    let state = tempfile::tempdir().unwrap();
    write_paired(state.path(), &device());
    let store = DeviceStore::open(state.path(), NOW);
    let before = fs::read_to_string(paired_file(state.path())).unwrap();
    store.flush().await;
    assert_eq!(fs::read_to_string(paired_file(state.path())).unwrap(), before);
    use_token(&store, Urgency::Routine);
    store.flush().await;
    let written: Value = serde_json::from_slice(&fs::read(paired_file(state.path())).unwrap()).unwrap();
    assert_eq!(written["d1"]["tokens"]["operator"]["lastUsedAtMs"], NOW);
    assert!(!state.path().join("devices/pending.json").exists());
}

#[tokio::test]
async fn an_urgent_change_does_not_wait() {
    let state = tempfile::tempdir().unwrap();
    write_paired(state.path(), &device());
    let store = DeviceStore::open(state.path(), NOW);
    let before = store.files.stamps();
    use_token(&store, Urgency::Urgent);
    let written = async {
        while store.files.stamps() == before {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = store.write_behind() => {}
        result = tokio::time::timeout(COALESCE / 2, written) => result.unwrap(),
    }
}

#[test]
fn what_another_process_wrote_meanwhile_is_read() {
    let state = tempfile::tempdir().unwrap();
    let store = DeviceStore::open(state.path(), NOW);
    assert_eq!(store.with(|book| book.devices().count(), |_| Urgency::Routine), 0);
    write_paired(state.path(), &device());
    store.take_over(NOW);
    assert_eq!(store.with(|book| book.devices().count(), |_| Urgency::Routine), 1);
}

#[test]
fn a_corrupt_file_is_moved_aside_by_the_holder_only() {
    let state = tempfile::tempdir().unwrap();
    write_paired(state.path(), "{ half");
    let store = DeviceStore::open(state.path(), NOW);
    assert!(paired_file(state.path()).exists());
    store.take_over(NOW);
    assert!(!paired_file(state.path()).exists());
    let aside = state.path().join(format!("devices/paired.json.corrupt-{NOW}"));
    assert_eq!(fs::read_to_string(aside).unwrap(), "{ half");
}

#[tokio::test]
async fn a_failed_write_is_tried_again() {
    let state = tempfile::tempdir().unwrap();
    write_paired(state.path(), &device());
    let store = DeviceStore::open(state.path(), NOW);
    fs::remove_dir_all(state.path().join("devices")).unwrap();
    fs::write(state.path().join("devices"), "a file").unwrap();
    use_token(&store, Urgency::Routine);
    store.flush().await;
    fs::remove_file(state.path().join("devices")).unwrap();
    store.flush().await;
    assert!(paired_file(state.path()).exists());
}
