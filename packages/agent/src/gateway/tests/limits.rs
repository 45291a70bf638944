//! What a stranger can hold up or find out.

use super::*;

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let limits = Limits {
        connections: 4,
        head: BODY_LIMIT,
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
