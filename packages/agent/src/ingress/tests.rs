//! Over loopback, with apps that the test plays by hand.

mod message;
mod shares;

use std::collections::HashMap;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::*;
use crate::runtime::{Port, Replica, ReplicaState, Workload};
use crate::serve::tests::connect_from;
use crate::web::web;
use crate::workload::WorkloadSpec;

/// A test that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(30);
const MAX_BODY: usize = 1_000;

/// A request that has come to an app: its head, and the connection to answer on.
type Call = (String, TcpStream);

/// An ingress before leases 1 and 2, each with an app of its own.
struct Stage {
    address: SocketAddr,
    apps: HashMap<u64, mpsc::UnboundedReceiver<Call>>,
    /// The servers end with it.
    _tasks: JoinSet<()>,
    _stop: watch::Sender<bool>,
}

async fn stage(connections: usize) -> Stage {
    let mut tasks = JoinSet::new();
    let (mut apps, mut specs, mut workloads) = (HashMap::new(), HashMap::new(), Vec::new());
    for lease in [1, 2] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        workloads.push(workload(lease, listener.local_addr().unwrap()));
        specs.insert(lease, spec(lease));
        let (sender, calls) = mpsc::unbounded_channel();
        tasks.spawn(app(listener, sender));
        apps.insert(lease, calls);
    }
    let config = IngressConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        domain: "here.test".into(),
        public_port: None,
    };
    let bound = bind(&config).await.unwrap();
    let address = bound.address;
    let view = View::new("here.test", specs, workloads);
    let (_, viewed) = watch::channel(Arc::new(view));
    let (stop, stopped) = watch::channel(false);
    let limits = Limits {
        connections,
        patience: PATIENCE,
    };
    tasks.spawn(serve(bound, viewed, limits, stopped));
    Stage {
        address,
        apps,
        _tasks: tasks,
        _stop: stop,
    }
}

fn spec(lease: u64) -> WorkloadSpec {
    let options = format!("http_options: {{ max_body_size: {MAX_BODY} }}");
    let named = format!(
        r#"{{ port: 8080, as: 80, accept: ["app{lease}.example"], {options}, to: [{{ global: true }}] }}"#
    );
    let sdl = web(&format!("expose: [{named}]"), 1);
    WorkloadSpec {
        lease,
        deployment: lease,
        provider: "p".into(),
        revision: "r".into(),
        replicas: 1,
        services: sdl.manifest().0[0].services.clone(),
    }
}

fn workload(lease: u64, address: SocketAddr) -> Workload {
    let replica = Replica {
        service: "web".into(),
        index: 0,
        revision: "r".into(),
        state: ReplicaState::Running,
        ports: vec![Port {
            port: 8080,
            proto: leasehold_sdl::Protocol::Tcp,
            address,
        }],
    };
    Workload {
        lease,
        replicas: vec![replica],
    }
}

/// Hands out each request once its head has come.
async fn app(listener: TcpListener, calls: mpsc::UnboundedSender<Call>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let head = head(&mut stream).await;
        if calls.send((head, stream)).is_err() {
            return;
        }
    }
}

/// Up to the empty line, byte by byte: what follows stays in the stream. Shorter if the peer ends it.
async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match timeout(PATIENCE, stream.read(&mut byte))
            .await
            .expect("a head")
        {
            Ok(1) => head.push(byte[0]),
            _ => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// All that comes until the peer closes or breaks off.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    if let Err(e) = timeout(PATIENCE, read).await.expect("an end") {
        assert_eq!(e.kind(), io::ErrorKind::ConnectionReset);
    }
    String::from_utf8(bytes).unwrap()
}

async fn exactly(stream: &mut TcpStream, text: &str) {
    let mut bytes = vec![0; text.len()];
    let read = stream.read_exact(&mut bytes);
    timeout(PATIENCE, read).await.expect(text).unwrap();
    assert_eq!(String::from_utf8_lossy(&bytes), text);
}

impl Stage {
    /// From an address of its own, 127.0.0.`from`.
    async fn send(&self, from: u8, request: &str) -> TcpStream {
        let mut stream = connect_from(from, self.address).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    async fn get(&self, from: u8, lease: u64) -> TcpStream {
        let request = format!("GET / HTTP/1.1\r\nHost: lease-{lease}.here.test\r\n\r\n");
        self.send(from, &request).await
    }

    async fn call(&mut self, lease: u64) -> Call {
        let calls = self.apps.get_mut(&lease).unwrap();
        let call = timeout(PATIENCE, calls.recv()).await;
        call.expect("the app is called").unwrap()
    }

    /// The status that a request is answered with by the ingress itself.
    async fn status(&self, request: &str) -> u16 {
        let mut client = self.send(1, request).await;
        let head = head(&mut client).await;
        head.split(' ').nth(1).unwrap().parse().unwrap()
    }
}
