//! What an agent keeps.

use std::os::unix::fs::PermissionsExt;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn its_folder_is_its_owners_and_old_events_go() {
    let mut stage = stage(500).await;
    let home = std::fs::metadata(stage.home.path().join("agent")).unwrap();
    assert_eq!(home.permissions().mode() & 0o777, 0o700);
    let event = |at_ms| Event {
        at_ms,
        kind: "removed".to_owned(),
        message: String::new(),
    };
    stage.agent.store.add_event(1, event(1)).unwrap();
    stage.agent.store.add_event(2, event(wall_ms())).unwrap();
    stage.observe().await;
    let kept = [1, 2].map(|lease| stage.agent.store.events(lease).unwrap().len());
    assert_eq!(kept, [0, 1], "the tenant of the second may still ask");
}
