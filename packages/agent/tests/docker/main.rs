//! The container runtime against a real engine: `LEASEHOLD_TEST_SOCKET`, or a Docker or Podman socket of this machine.

mod images;
mod registry;
mod stage;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use futures::StreamExt;
use leasehold_agent::runtime::docker::{find_socket, DockerRuntime};
use leasehold_agent::runtime::{LogOptions, Runtime, Workload};
use leasehold_agent::WorkloadSpec;
use leasehold_sdl::Sdl;

const PATIENCE: Duration = Duration::from_secs(60);
const LEASE: u64 = 41;

fn socket() -> PathBuf {
    match std::env::var_os("LEASEHOLD_TEST_SOCKET") {
        Some(told) => told.into(),
        None => find_socket().unwrap(),
    }
}

/// A tar of a root file system that holds a static busybox.
fn rootfs() -> Vec<u8> {
    let busybox = ["/bin/busybox", "/usr/bin/busybox"]
        .into_iter()
        .find(|path| PathBuf::from(path).exists())
        .expect("busybox-static is installed, to make an image of");
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("bin")).unwrap();
    std::fs::copy(busybox, folder.path().join("bin/busybox")).unwrap();
    let tar = std::process::Command::new("tar")
        .arg("-C")
        .arg(folder.path())
        .args(["-c", "."])
        .output()
        .unwrap();
    assert!(tar.status.success());
    tar.stdout
}

fn spec(provider: &str, revision: &str) -> WorkloadSpec {
    let script = "mkdir /tmp/www; { touch /file && grep -E 'CapEff|NoNewPrivs' /proc/self/status; ulimit -n; \
        cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null; } > /tmp/www/index.html; \
        echo kept >> /data/file; wc -l < /data/file; exec httpd -f -p 8080 -h /tmp/www";
    let text = format!(
        r#"
version: "2.0"
services:
  web:
    image: localhost/leasehold-test:1
    command: ["/bin/busybox", "sh", "-c", {script:?}]
    expose: [{{ port: 8080, as: 80, to: [{{ global: true }}] }}]
    params: {{ storage: {{ data: {{ mount: /data }} }} }}
profiles:
  compute:
    web:
      resources:
        cpu: {{ units: 0.1 }}
        memory: {{ size: 32Mi }}
        storage:
          - size: 16Mi
          - {{ name: data, size: 16Mi, attributes: {{ persistent: true, class: beta1 }} }}
  placement:
    here: {{ pricing: {{ web: {{ denom: uakt, amount: 1 }} }} }}
deployment:
  web: {{ here: {{ profile: web, count: 1 }} }}
"#
    );
    let services = Sdl::parse("test", &text).unwrap().manifest().0[0]
        .services
        .clone();
    WorkloadSpec {
        lease: LEASE,
        deployment: 3,
        provider: provider.into(),
        revision: revision.into(),
        replicas: 1,
        services,
    }
}

async fn only(runtime: &DockerRuntime) -> Workload {
    let workloads = runtime.list().await.unwrap();
    assert_eq!(workloads.len(), 1, "{workloads:?}");
    workloads.into_iter().next().unwrap()
}

async fn lines(runtime: &DockerRuntime, wanted: usize) -> Vec<String> {
    let stream = runtime
        .logs(
            LEASE,
            LogOptions {
                follow: true,
                tail: None,
            },
        )
        .await
        .unwrap();
    let first = stream.take(wanted).map(|line| line.unwrap().line).collect();
    tokio::time::timeout(PATIENCE, first)
        .await
        .expect("the lines do not come")
}

#[tokio::test]
#[ignore = "needs a container engine: make test-all starts one"]
async fn containers_are_limited_adopted_suspended_and_removed() {
    let (socket, rootfs) = (socket(), rootfs());
    let _turn = stage::TURN.lock().await;
    let provider = format!("test{:016x}", rand::random::<u64>());
    let runtime = DockerRuntime::connect(Some(&socket), &provider)
        .await
        .unwrap();
    let path = ["ENV PATH=/bin"];
    runtime
        .import_image(rootfs, "localhost/leasehold-test", "1", &path)
        .await
        .unwrap();
    let outcome = tokio::spawn(life(socket, provider.clone())).await;
    runtime.remove(LEASE).await.unwrap();
    outcome.unwrap();
    assert_eq!(runtime.list().await.unwrap(), []);
    runtime.start(&spec(&provider, "r1")).await.unwrap();
    let counted = lines(&runtime, 1).await;
    runtime.remove(LEASE).await.unwrap();
    assert_eq!(counted, ["1"], "the volume went with the lease");
}

async fn life(socket: PathBuf, provider: String) {
    let connect = || DockerRuntime::connect(Some(&socket), &provider);
    let runtime = connect().await.unwrap();
    runtime.start(&spec(&provider, "r1")).await.unwrap();
    let before = only(&runtime).await;
    assert_eq!(before.running("r1"), 1);
    assert_eq!(lines(&runtime, 1).await, ["1"]);
    let page = fetch(before.replicas[0].ports[0].address).await;
    let has = |text: &str| assert!(page.contains(text), "{text} is not in {page}");
    has("CapEff:\t00000000000005fb");
    has("NoNewPrivs:\t1");
    has(&(32_u64 << 20).to_string());

    drop(runtime);
    let runtime = connect().await.unwrap();
    runtime.start(&spec(&provider, "r1")).await.unwrap();
    assert_eq!(only(&runtime).await, before, "adopted as it was");

    runtime.suspend(LEASE).await.unwrap();
    runtime.suspend(LEASE).await.unwrap();
    assert!(!only(&runtime).await.any_running());
    runtime.start(&spec(&provider, "r1")).await.unwrap();
    let resumed = only(&runtime).await;
    assert_eq!(resumed.running("r1"), 1);
    fetch(resumed.replicas[0].ports[0].address).await;

    runtime.start(&spec(&provider, "r2")).await.unwrap();
    let replaced = only(&runtime).await;
    assert_eq!((replaced.running("r2"), replaced.replicas.len()), (1, 1));
    assert_eq!(
        lines(&runtime, 1).await,
        ["3"],
        "the volume outlives a revision"
    );
}

/// Tries again while the server starts.
async fn fetch(address: std::net::SocketAddr) -> String {
    let get = move || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let served = async {
        loop {
            match tokio::task::spawn_blocking(get).await.unwrap() {
                Ok(answer) if answer.contains("200 OK") => return answer,
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, served)
        .await
        .expect("the container does not serve")
}
