//! The process runtime with real processes.

#[path = "common/web.rs"]
mod web;

use std::path::Path;
use std::time::Duration;

use futures::StreamExt;
use leasehold_agent::runtime::process::ProcessRuntime;
use leasehold_agent::runtime::{LogOptions, ReplicaState, Runtime, RuntimeError, Workload};
use leasehold_agent::WorkloadSpec;
use leasehold_sdl::ManifestService;
use tokio::time::{sleep, timeout};
use web::web;

const PATIENCE: Duration = Duration::from_secs(20);

fn services(command: &str, count: u32) -> Vec<ManifestService> {
    let service = format!(
        r#"command: ["sh", "-c", {command:?}], env: ["GREETING=hello there"], expose: [{{ port: 8080, as: 80, to: [{{ global: true }}] }}]"#
    );
    let sdl = web(&service, count);
    sdl.manifest().0[0].services.clone()
}

fn spec(revision: &str, services: Vec<ManifestService>) -> WorkloadSpec {
    WorkloadSpec {
        lease: 7,
        deployment: 3,
        provider: "wasm1provider".into(),
        revision: revision.into(),
        replicas: services.iter().map(|s| s.count as usize).sum(),
        services,
    }
}

async fn only(runtime: &ProcessRuntime) -> Workload {
    let workloads = runtime.list().await.unwrap();
    assert_eq!(workloads.len(), 1, "{workloads:?}");
    workloads.into_iter().next().unwrap()
}

fn pid(home: &Path, replica: &str) -> u32 {
    let stat = std::fs::read_to_string(home.join("7").join(replica).join("pid")).unwrap();
    stat.split(' ').next().unwrap().parse().unwrap()
}

/// Alive and no zombie.
fn lives(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(") ").next().unwrap().starts_with('Z'))
}

async fn lines(runtime: &ProcessRuntime, options: LogOptions) -> Vec<String> {
    let stream = runtime.logs(7, options).await.unwrap();
    stream.map(|line| line.unwrap().line).collect().await
}

/// Waits until the logs hold this many lines.
async fn logged(runtime: &ProcessRuntime, count: usize) -> Vec<String> {
    let full = async {
        loop {
            let found = lines(runtime, LogOptions::default()).await;
            if found.len() >= count {
                return found;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, full)
        .await
        .expect("the lines do not come")
}

#[tokio::test]
async fn a_workload_outlives_the_agent_and_is_adopted() {
    let home = tempfile::tempdir().unwrap();
    let spec = spec("r1", services("sleep 1000", 2));
    let runtime = ProcessRuntime::new(home.path().into()).unwrap();
    runtime.start(&spec).await.unwrap();
    let before = only(&runtime).await;
    assert_eq!(before.running("r1"), 2);
    let first = pid(home.path(), "web-0");
    drop(runtime);

    let runtime = ProcessRuntime::new(home.path().into()).unwrap();
    assert_eq!(only(&runtime).await, before);
    runtime.start(&spec).await.unwrap();
    assert_eq!(pid(home.path(), "web-0"), first, "what runs is left alone");

    ProcessRuntime::remove_all(home.path().into())
        .await
        .unwrap();
    assert!(!lives(first));
    assert_eq!(runtime.list().await.unwrap(), []);
}

#[tokio::test]
async fn suspend_stops_the_whole_group_and_start_resumes() {
    let home = tempfile::tempdir().unwrap();
    let spec = spec("r1", services("sleep 1000 & echo $!; wait", 1));
    let runtime = ProcessRuntime::new(home.path().into()).unwrap();
    runtime.start(&spec).await.unwrap();
    let child: u32 = logged(&runtime, 1).await[0].parse().unwrap();
    assert!(lives(child));
    runtime.suspend(7).await.unwrap();
    runtime.suspend(7).await.unwrap();
    assert_eq!(only(&runtime).await.replicas[0].state, ReplicaState::Exited);
    let ended = async {
        while lives(child) {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, ended)
        .await
        .expect("the child of the service still lives");
    runtime.start(&spec).await.unwrap();
    assert_eq!(only(&runtime).await.running("r1"), 1);
    runtime.remove(7).await.unwrap();
    runtime.remove(7).await.unwrap();
}

#[tokio::test]
async fn a_new_revision_replaces_the_old_and_fewer_replicas_remain() {
    let home = tempfile::tempdir().unwrap();
    let runtime = ProcessRuntime::new(home.path().into()).unwrap();
    runtime
        .start(&spec("r1", services("sleep 1000", 2)))
        .await
        .unwrap();
    let old = [pid(home.path(), "web-0"), pid(home.path(), "web-1")];
    runtime
        .start(&spec("r2", services("sleep 1001", 1)))
        .await
        .unwrap();
    let workload = only(&runtime).await;
    assert_eq!((workload.running("r2"), workload.replicas.len()), (1, 1));
    assert!(!old.into_iter().any(lives));
    runtime.remove(7).await.unwrap();
}

#[tokio::test]
async fn a_service_knows_its_lease_and_port_and_nothing_of_the_host() {
    let home = tempfile::tempdir().unwrap();
    let command = r#"echo "$LEASEHOLD_LEASE_ID $LEASEHOLD_DEPLOYMENT_ID $LEASEHOLD_PROVIDER $GREETING $PORT $PORT_8080 ${CARGO_MANIFEST_DIR-none}""#;
    let runtime = ProcessRuntime::new(home.path().into()).unwrap();
    runtime
        .start(&spec("r1", services(command, 1)))
        .await
        .unwrap();
    let port = only(&runtime).await.replicas[0].ports[0].address.port();
    let line = &logged(&runtime, 1).await[0];
    assert_eq!(
        line,
        &format!("7 3 wasm1provider hello there {port} {port} none")
    );
    runtime.remove(7).await.unwrap();
}

#[tokio::test]
async fn logs_are_followed_and_cut_to_the_tail() {
    let home = tempfile::tempdir().unwrap();
    let command =
        "echo one; echo two; while [ ! -e go ]; do sleep 0.05; done; echo three; printf four";
    let runtime = ProcessRuntime::new(home.path().into()).unwrap();
    runtime
        .start(&spec("r1", services(command, 1)))
        .await
        .unwrap();
    logged(&runtime, 2).await;
    let mut followed = runtime
        .logs(
            7,
            LogOptions {
                follow: true,
                tail: Some(1),
            },
        )
        .await
        .unwrap();
    let mut next = async || {
        timeout(PATIENCE, followed.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap()
            .line
    };
    assert_eq!(next().await, "two");
    std::fs::write(home.path().join("7/web-0/go"), "").unwrap();
    assert_eq!(next().await, "three");
    let all = logged(&runtime, 4).await;
    assert_eq!(all, ["one", "two", "three", "four"]);
    runtime.remove(7).await.unwrap();
}

#[tokio::test]
async fn a_recycled_process_id_is_never_ended() {
    let home = tempfile::tempdir().unwrap();
    let runtime = ProcessRuntime::new(home.path().into()).unwrap();
    runtime
        .start(&spec("r1", services("sleep 1000", 1)))
        .await
        .unwrap();
    let victim = pid(home.path(), "web-0");
    let file = home.path().join("7/web-0/pid");
    let stat = std::fs::read_to_string(&file).unwrap();
    // The same id, started one tick earlier: what an id used again looks like.
    let (head, tail) = stat.rsplit_once(") ").unwrap();
    let mut fields: Vec<String> = tail.split_whitespace().map(str::to_owned).collect();
    fields[19] = (fields[19].parse::<u64>().unwrap() - 1).to_string();
    std::fs::write(&file, format!("{head}) {}", fields.join(" "))).unwrap();
    assert_eq!(only(&runtime).await.replicas[0].state, ReplicaState::Exited);
    runtime.suspend(7).await.unwrap();
    assert!(lives(victim));
    std::fs::write(&file, stat).unwrap();
    runtime.remove(7).await.unwrap();
    assert!(!lives(victim));
}

#[tokio::test]
async fn a_service_without_a_command_is_refused_by_name() {
    let home = tempfile::tempdir().unwrap();
    let mut services = services("true", 1);
    services[0].command = None;
    let runtime = ProcessRuntime::new(home.path().into()).unwrap();
    let error = runtime.start(&spec("r1", services)).await.unwrap_err();
    assert!(
        matches!(&error, RuntimeError::Unsupported { service, .. } if service == "web"),
        "{error}"
    );
}
