use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::*;

const REQUEST: &[u8] = b"GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
/// A test that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// `/flood` never ends, and lets one go when nobody takes it any more; `/wait` answers once it is let go; `/now` at once; `/stream` begins at once and ends once it is let go.
struct Stage {
    address: SocketAddr,
    go: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    stop: watch::Sender<bool>,
    server: tokio::task::JoinHandle<()>,
}

/// Lets one go when it is dropped.
struct LetGo(Arc<Semaphore>);

impl Drop for LetGo {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

async fn pass(go: &Semaphore) {
    go.acquire().await.unwrap().forget();
}

async fn stage(limits: Limits) -> Stage {
    let go = Arc::new(Semaphore::new(0));
    let (waiting, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let wait = {
        let (go, waiting, most) = (go.clone(), waiting.clone(), most.clone());
        move || async move {
            let now = waiting.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(now, Ordering::SeqCst);
            pass(&go).await;
            waiting.fetch_sub(1, Ordering::SeqCst);
            "done"
        }
    };
    let stream = {
        let go = go.clone();
        move || async move {
            let parts = futures::stream::unfold(0, move |part| {
                let go = go.clone();
                async move {
                    if part == 1 {
                        pass(&go).await;
                    }
                    let text = *["first ", "last"].get(part)?;
                    Some((Ok::<_, Infallible>(Bytes::from(text)), part + 1))
                }
            });
            Body::from_stream(parts)
        }
    };
    let flood = {
        let go = go.clone();
        move || async move {
            let end = LetGo(go);
            let parts = futures::stream::repeat_with(move || {
                let _held = &end;
                Ok::<_, Infallible>(Bytes::from_static(&[0; 1 << 16]))
            });
            Body::from_stream(parts)
        }
    };
    let app = Router::new()
        .route("/flood", get(flood))
        .route("/wait", get(wait))
        .route("/now", get(|| async { "now" }))
        .route("/stream", get(stream));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    Stage {
        address,
        go,
        waiting,
        most,
        stop,
        server: tokio::spawn(serve(listener, app, limits, stopped)),
    }
}

impl Stage {
    async fn send(&self, bytes: &[u8]) -> TcpStream {
        self.send_from(1, bytes).await
    }

    /// From 127.0.0.`host`.
    async fn send_from(&self, host: u8, bytes: &[u8]) -> TcpStream {
        let mut stream = connect_from(host, self.address).await;
        stream.write_all(bytes).await.unwrap();
        stream
    }

    /// Until this many requests to `/wait` are being answered.
    async fn wait_for(&self, count: usize) {
        let waiting = async {
            while self.waiting.load(Ordering::SeqCst) < count {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, waiting).await.unwrap();
    }
}

/// From 127.0.0.`host`.
pub async fn connect_from(host: u8, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, host], 0).into()).unwrap();
    socket.connect(to).await.unwrap()
}

/// All that the server sends until it closes the connection.
async fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    let read = stream.read_to_string(&mut text);
    timeout(PATIENCE, read).await.expect("closed").unwrap();
    text
}

fn limits(connections: usize, patience: Duration) -> Limits {
    Limits {
        connections,
        patience,
    }
}

#[tokio::test]
async fn no_more_connections_are_held_than_allowed_and_all_get_their_turn() {
    let stage = stage(limits(2, PATIENCE)).await;
    let mut waiting = Vec::new();
    for host in 1..=5 {
        let stream = stage.send_from(host, REQUEST).await;
        waiting.push(tokio::spawn(rest(stream)));
    }
    stage.wait_for(2).await;
    for answer in waiting {
        stage.go.add_permits(1);
        assert!(answer.await.unwrap().ends_with("done"));
    }
    assert_eq!(stage.most.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_address_that_has_its_share_is_hung_up_on_while_another_is_served() {
    let stage = stage(limits(4, PATIENCE)).await;
    let held = [stage.send(REQUEST).await, stage.send(REQUEST).await];
    stage.wait_for(2).await;
    let more = TcpStream::connect(stage.address).await.unwrap();
    assert_eq!(rest(more).await, "");
    let other = tokio::spawn(rest(stage.send_from(2, REQUEST).await));
    stage.wait_for(3).await;
    stage.go.add_permits(3);
    for stream in held {
        assert!(rest(stream).await.ends_with("done"));
    }
    assert!(other.await.unwrap().ends_with("done"));
    let again = stage.send(REQUEST).await;
    stage.go.add_permits(1);
    assert!(rest(again).await.ends_with("done"), "given back");
}

#[tokio::test]
async fn an_idle_connection_gives_way_and_a_busy_one_is_let_finish() {
    // Nobody is cut for keeping others waiting.
    let stage = stage(limits(2, Duration::from_secs(3_600))).await;
    let idle = stage.send(b"GET /now HTTP/1.1\r\nHost: x\r\n\r\n").await;
    idle.readable().await.unwrap();
    let busy = stage.send_from(2, REQUEST).await;
    stage.wait_for(1).await;
    let next = stage.send_from(3, REQUEST).await;
    stage.wait_for(2).await;
    assert!(rest(idle).await.ends_with("now"));
    stage.go.add_permits(2);
    for stream in [busy, next] {
        assert!(rest(stream).await.ends_with("done"));
    }
}

#[tokio::test]
async fn a_head_that_does_not_end_and_a_connection_left_idle_are_cut() {
    let stage = stage(limits(8, Duration::from_millis(100))).await;
    let idle = stage.send(b"GET /now HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(rest(idle).await.contains("now"));
    let slow = stage.send(b"GET /now HTTP/1.1\r\nHost:").await;
    assert!(!rest(slow).await.contains("now"));
    let silent = stage.send(b"").await;
    assert_eq!(rest(silent).await, "");
}

#[tokio::test]
async fn an_answer_may_take_longer_than_a_head() {
    let stage = stage(limits(8, Duration::from_millis(100))).await;
    let long = stage.send(b"GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let long = tokio::spawn(rest(long.await));
    // The limit has passed twice.
    for _ in 0..2 {
        assert_eq!(rest(stage.send(b"").await).await, "");
    }
    stage.go.add_permits(1);
    let text = long.await.unwrap();
    assert!(text.contains("first") && text.contains("last"), "{text}");
}

#[tokio::test]
async fn a_stop_lets_answers_end_and_takes_no_more() {
    let stage = stage(limits(8, PATIENCE)).await;
    let answer = tokio::spawn(rest(stage.send(REQUEST).await));
    stage.wait_for(1).await;
    stage.stop.send_replace(true);
    stage.go.add_permits(1);
    assert!(answer.await.unwrap().ends_with("done"));
    timeout(PATIENCE, stage.server).await.unwrap().unwrap();
    assert!(TcpStream::connect(stage.address).await.is_err());
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_cut() {
    let stage = stage(limits(8, Duration::from_millis(100))).await;
    let _deaf = stage.send(b"GET /flood HTTP/1.1\r\nHost: x\r\n\r\n").await;
    timeout(PATIENCE, pass(&stage.go)).await.unwrap();
}

#[tokio::test]
async fn a_peer_that_vanished_is_asked_after() {
    let listener = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let peer = TcpStream::connect(listener.local_addr().unwrap());
    let (connection, _peer) = tokio::join!(listener.accept(), peer);
    let (connection, _) = connection.unwrap();
    assert!(sockopt::socket_keepalive(&connection).unwrap());
    let idle = sockopt::tcp_keepidle(&connection).unwrap();
    assert_eq!(idle, super::PATIENCE);
}

#[test]
fn all_files_are_allowed_and_servers_take_a_part() {
    allow_files().unwrap();
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    assert_eq!(current, maximum);
    assert_eq!(Limits::of_this_host(1 << 62, 8).connections, 1);
    assert_eq!(Limits::of_this_host(1, 8).connections, 8);
}
