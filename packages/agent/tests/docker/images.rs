//! Who may have an image, and when it goes.

use std::time::Duration;

use leasehold_agent::runtime::Runtime;
use leasehold_agent::WorkloadSpec;

use crate::stage::Stage;

const ANN: Option<&str> = Some("ann");
const BEN: Option<&str> = Some("ben");
const EVE: Option<&str> = Some("eve");

#[tokio::test]
#[ignore = "needs a container engine: make test-all starts one"]
async fn an_image_goes_with_the_last_lease_that_uses_it() {
    let stage = Stage::new().await;
    stage.serve("public/app", "1", "app");
    stage.start(1, "public/app:1", None).await.unwrap();
    stage.start(2, "public/app:1", None).await.unwrap();
    let asked = stage.registry.requests();
    stage.start(3, "public/app:1", BEN).await.unwrap();
    assert_eq!(stage.registry.requests(), asked, "everybody may have it");
    stage.runtime.suspend(3).await.unwrap();
    stage.remove(1).await;
    stage.remove(2).await;
    assert!(stage.has("public/app:1").await, "a suspended lease has it");
    stage.remove(3).await;
    assert!(!stage.has("public/app:1").await);
    stage.assert_empty().await;
}

#[tokio::test]
#[ignore = "needs a container engine: make test-all starts one"]
async fn a_removal_that_broke_off_is_made_up_for() {
    let stage = Stage::new().await;
    stage.serve("public/app", "1", "app");
    stage.start(1, "public/app:1", None).await.unwrap();
    stage.remove_container(1).await;
    stage.remove(1).await;
    assert!(!stage.has("public/app:1").await);
    stage.assert_empty().await;
}

#[tokio::test]
#[ignore = "needs a container engine: make test-all starts one"]
async fn an_image_goes_with_its_revision() {
    let stage = Stage::new().await;
    stage.serve("public/app", "1", "former");
    stage.serve("public/app", "2", "next");
    stage.start(1, "public/app:1", None).await.unwrap();
    let next = WorkloadSpec {
        revision: "r2".into(),
        ..stage.lease(1, &stage.name("public/app:2"), None)
    };
    stage.runtime.start(&next).await.unwrap();
    assert!(!stage.has("public/app:1").await);
    stage.remove(1).await;
    assert!(!stage.has("public/app:2").await);
}

#[tokio::test]
#[ignore = "needs a container engine: make test-all starts one"]
async fn the_operators_image_stays_and_is_everybodys() {
    let stage = Stage::new().await;
    stage.serve("public/own", "1", "own");
    stage.serve("private/copy", "1", "own");
    stage.pull("public/own:1").await;
    // Brings the same image by another name, with credentials.
    stage.start(1, "private/copy:1", ANN).await.unwrap();
    let (own, copy) = ("public/own:1", "private/copy:1");
    assert_eq!(
        stage.id(&stage.name(own)).await,
        stage.id(&stage.name(copy)).await
    );
    stage.registry.go_away();
    stage.start(2, own, None).await.unwrap();
    stage.remove(1).await;
    assert!(!stage.has(copy).await);
    stage.remove(2).await;
    assert!(stage.has(own).await);
    stage.assert_empty().await;
}

#[tokio::test]
#[ignore = "needs a container engine: make test-all starts one"]
async fn a_private_image_is_given_to_whom_its_registry_gives_it() {
    let stage = Stage::new().await;
    let digest = stage.serve("private/app", "1", "app");
    let tagged = stage.name("private/app:1");
    let pinned = stage.name(&format!("private/app@{digest}"));
    stage.start(1, "private/app:1", ANN).await.unwrap();
    let id = stage.id(&tagged).await.unwrap();

    for image in [&tagged, &pinned] {
        stage.assert_refused(2, image, None, "unauthorized").await;
        stage.assert_refused(2, image, EVE, "unauthorized").await;
    }
    // What the agent makes of an id that a manifest names: never asked of a registry here, it would be the Hub.
    let short = &id.trim_start_matches("sha256:")[..12];
    for name in [&id, &format!("{short}:latest")] {
        assert_eq!(stage.id(&format!("docker.io/library/{name}")).await, None);
    }
    stage.remove(2).await;
    assert_eq!(stage.id(&tagged).await, Some(id));

    stage.start(3, "private/app:1", BEN).await.unwrap();
    stage.remove(1).await;
    stage.assert_refused(4, &tagged, None, "unauthorized").await;
    assert!(stage.has("private/app:1").await, "lease 3 has it");
    stage.remove(4).await;
    stage.remove(3).await;
    assert!(!stage.has("private/app:1").await);
    stage.assert_empty().await;
}

#[tokio::test]
#[ignore = "needs a container engine: make test-all starts one"]
async fn a_refusal_that_broke_off_makes_nothing_public() {
    let stage = Stage::new().await;
    stage.serve("private/app", "1", "app");
    stage.start(1, "private/app:1", ANN).await.unwrap();
    stage.registry.be_silent(true);
    let asked = stage.registry.requests();
    let image = stage.name("private/app:1");
    let spec = stage.lease(2, &image, None);
    let mut start = Box::pin(stage.runtime.start(&spec));
    while stage.registry.requests() == asked {
        let turn = Duration::from_millis(5);
        let started = tokio::time::timeout(turn, &mut start).await;
        assert!(started.is_err(), "{started:?}");
    }
    drop(start);
    stage.registry.be_silent(false);
    stage.remove(1).await;
    assert!(stage.has("private/app:1").await, "its claim holds it");
    stage.assert_refused(2, &image, None, "unauthorized").await;
    stage.remove(2).await;
    assert!(!stage.has("private/app:1").await);
}

#[tokio::test]
#[ignore = "needs a container engine: make test-all starts one"]
async fn a_lease_needs_no_registry_for_what_it_has() {
    let mut stage = Stage::new().await;
    stage.serve("private/app", "1", "app");
    stage.start(1, "private/app:1", ANN).await.unwrap();
    stage.registry.go_away();
    let asked = stage.registry.requests();
    stage.runtime.suspend(1).await.unwrap();
    stage.start(1, "private/app:1", ANN).await.unwrap();
    stage.reconnect().await;
    let next = WorkloadSpec {
        revision: "r2".into(),
        ..stage.lease(1, &stage.name("private/app:1"), ANN)
    };
    stage.runtime.start(&next).await.unwrap();
    assert_eq!(stage.runtime.list().await.unwrap()[0].running("r2"), 1);
    assert_eq!(stage.registry.requests(), asked);
    stage.remove(1).await;
    assert!(!stage.has("private/app:1").await);
}

#[tokio::test]
#[ignore = "needs a container engine: make test-all starts one"]
async fn a_tag_that_moved_leaves_nothing_behind() {
    let stage = Stage::new().await;
    stage.serve("private/app", "latest", "former");
    stage.start(1, "private/app", ANN).await.unwrap();
    let former = stage.id(&stage.name("private/app")).await.unwrap();
    stage.serve("private/app", "latest", "next");
    stage.start(2, "private/app", BEN).await.unwrap();
    let next = stage.id(&stage.name("private/app")).await.unwrap();
    assert_ne!(former, next);
    assert!(stage.id(&former).await.is_some());
    stage.remove(1).await;
    assert_eq!(stage.id(&former).await, None);
    assert_eq!(stage.id(&next).await.as_deref(), Some(next.as_str()));
    stage.remove(2).await;
    assert_eq!(stage.id(&next).await, None);
    stage.assert_empty().await;
}

/// By its tag and by its digest, whoever ends first, and whether or not the second asks the registry.
#[tokio::test]
#[ignore = "needs a container engine: make test-all starts one"]
async fn an_image_of_two_names_goes_with_its_last_lease() {
    let stage = Stage::new().await;
    for repository in ["private/app", "public/app"] {
        let digest = stage.serve(repository, "1", repository);
        let (tagged, pinned) = (format!("{repository}:1"), format!("{repository}@{digest}"));
        for order in [[1, 2], [2, 1]] {
            let is_private = repository.starts_with("private");
            stage
                .start(1, &tagged, ANN.filter(|_| is_private))
                .await
                .unwrap();
            stage.start(2, &pinned, BEN).await.unwrap();
            let id = stage.id(&stage.name(&tagged)).await.unwrap();
            stage.remove(order[0]).await;
            assert!(stage.id(&id).await.is_some());
            for (lease, path) in [(3, &pinned), (4, &tagged)] {
                let started = stage.start(lease, path, None).await;
                assert_eq!(started.is_err(), is_private, "{path}: {started:?}");
            }
            for lease in [order[1], 3, 4] {
                stage.remove(lease).await;
            }
            assert_eq!(stage.id(&id).await, None, "{repository} {order:?}");
            stage.assert_empty().await;
        }
    }
}

#[tokio::test]
#[ignore = "needs a container engine: make test-all starts one"]
async fn starts_and_removals_of_one_image_do_not_disturb_each_other() {
    let stage = Stage::new().await;
    stage.serve("public/app", "1", "app");
    let start = |lease| stage.start(lease, "public/app:1", None);
    start(0).await.unwrap();
    for round in 0..3 {
        let (first, second) = (2 * round + 1, 2 * round + 2);
        let removed = stage.runtime.remove(2 * round);
        let (a, b, removed) = tokio::join!(start(first), start(second), removed);
        a.and(b).and(removed).unwrap();
        stage.remove(first).await;
    }
    stage.remove(6).await;
    assert!(!stage.has("public/app:1").await);
    stage.assert_empty().await;
}

/// Not only images are told apart by lease.
#[tokio::test]
#[ignore = "needs a container engine: make test-all starts one"]
async fn a_removal_leaves_the_data_of_other_leases() {
    let stage = Stage::new().await;
    stage.serve("public/app", "1", "app");
    stage.start(1, "public/app:1", None).await.unwrap();
    stage.start(2, "public/app:1", None).await.unwrap();
    // Nothing but the agent's care keeps its volume.
    stage.remove_container(2).await;
    stage.remove(1).await;
    assert_eq!(
        (stage.data(1).await.len(), stage.data(2).await.len()),
        (0, 1)
    );
    stage.remove(2).await;
    stage.assert_empty().await;
}
