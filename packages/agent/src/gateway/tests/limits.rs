//! What a stranger can hold up or find out.

use super::*;

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let limits = Limits {
        connections: 4,
        patience: BODY_LIMIT,
    };
    let tenant = key();
    let chain = chain(&tenant, sdl("hello").manifest());
    let stage = stage_within(chain, limits, Duration::from_millis(100)).await;
    let http = http(&stage);
    let url = format!(
        "{}/deployments/{DEPLOYMENT}/manifest",
        stage.contact.gateway
    );
    let endless = futures::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let request = http.put(url).body(reqwest::Body::wrap_stream(endless));
    let answer = tokio::time::timeout(BODY_LIMIT, request.send()).await;
    assert_eq!(answer.expect("an answer").unwrap().status(), 408);
}

#[tokio::test]
async fn one_address_does_not_take_all_handshakes() {
    let stage = stage(Deaf).await;
    let gateway: axum::http::Uri = stage.contact.gateway.parse().unwrap();
    let address: SocketAddr = gateway.authority().unwrap().as_str().parse().unwrap();
    let mut silent = Vec::new();
    for _ in 0..tls::MAX_HANDSHAKES {
        silent.push(tokio::net::TcpStream::connect(address).await.unwrap());
    }
    let other = http_from(&stage, [127, 0, 0, 2]);
    let answer = other.get(format!("{gateway}status")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let first = silent[0].try_read(&mut [0]).unwrap_err();
    assert_eq!(
        first.kind(),
        std::io::ErrorKind::WouldBlock,
        "nobody had to be cut for it"
    );
}

/// A chain that no node answers for.
struct Deaf;

impl Deaf {
    fn fault<T>() -> Result<T, ClientError> {
        Err(ClientError::Unreachable {
            url: "https://node.example/?key=secret".into(),
            reason: "refused".into(),
        })
    }
}

#[async_trait]
impl Lookup for Deaf {
    async fn deployment(&self, _: u64) -> Result<Option<Deployment>, ClientError> {
        Self::fault()
    }
    async fn is_closed(&self, _: u64, _: &Deployment) -> Result<bool, ClientError> {
        Self::fault()
    }
    async fn order(&self, _: u64) -> Result<Option<Order>, ClientError> {
        Self::fault()
    }
    async fn lease(&self, _: u64) -> Result<Option<Lease>, ClientError> {
        Self::fault()
    }
}

#[tokio::test]
async fn nobody_is_told_the_address_of_the_operators_node() {
    let stage = stage(Deaf).await;
    let (status, reason) = refused(stage.client(&key()).status(LEASE).await);
    assert_eq!(status, 503);
    assert!(!reason.contains("node.example"), "{reason}");
}

/// A provider that answers as it likes, behind the key that the chain names.
async fn hostile(app: axum::Router) -> (GatewayClient, Hostile) {
    let home = tempfile::tempdir().unwrap();
    let identity = Identity::load(home.path()).unwrap();
    let listener = bind("127.0.0.1:0".parse().unwrap(), &identity)
        .await
        .unwrap();
    let contact = contact(listener.address, &identity);
    let limits = Limits {
        connections: 4,
        patience: BODY_LIMIT,
    };
    let (stop, stopped) = watch::channel(false);
    let mut server = tokio::task::JoinSet::new();
    server.spawn(serve::serve(listener, app, limits, stopped));
    let client = GatewayClient::new(PROVIDER, contact, key()).unwrap();
    (client, (stop, server))
}

/// What must not end before its test does.
type Hostile = (watch::Sender<bool>, tokio::task::JoinSet<()>);

#[tokio::test]
async fn a_provider_cannot_feed_its_tenant_without_end() {
    let flood = || async {
        let zeros =
            futures::stream::repeat_with(|| Ok::<_, std::convert::Infallible>([b'0'; 1 << 16]));
        axum::body::Body::from_stream(zeros.map(|part| part.map(|bytes| bytes.to_vec())))
    };
    let app = axum::Router::new().fallback(flood);
    let (client, _server) = hostile(app).await;
    let too_long = |e| matches!(e, GatewayClientError::Decode(reason) if reason.contains("longer"));
    assert!(too_long(client.events(LEASE).await.unwrap_err()));
    let mut lines = client.logs(LEASE, true, None).await.unwrap();
    assert!(too_long(lines.next().await.unwrap().unwrap_err()));
    assert!(lines.next().await.is_none());
}

#[tokio::test]
async fn a_provider_cannot_keep_its_tenant_waiting() {
    let begun = || async {
        let parts = futures::stream::iter([Ok::<_, std::convert::Infallible>("[")]);
        axum::body::Body::from_stream(parts.chain(futures::stream::pending()))
    };
    let (mut client, _server) = hostile(axum::Router::new().fallback(begun)).await;
    client.limit = Duration::from_millis(200);
    let waited = tokio::time::timeout(BODY_LIMIT, client.events(LEASE)).await;
    let answer = waited.expect("it gives up");
    assert!(
        matches!(answer, Err(GatewayClientError::Unreachable { .. })),
        "{answer:?}"
    );
}
