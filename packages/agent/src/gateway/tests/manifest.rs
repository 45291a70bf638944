//! Which manifests are taken, and from whom.

use super::*;
use crate::workload::seal;

#[tokio::test]
async fn a_manifest_must_be_the_one_on_chain_and_for_this_provider() {
    let (tenant, sdl) = (key(), sdl("hello"));
    let other = stage(chain(&tenant, sdl.manifest())).await;
    let stage = stage(chain(&tenant, sdl.manifest())).await;
    let client = stage.client(&tenant);
    let (code, text) = refused(
        client
            .put_manifest(DEPLOYMENT, self::sdl("changed").manifest())
            .await,
    );
    assert_eq!(code, 422);
    assert!(text.contains("SHA-256"), "{text}");
    // Encrypted to somebody else.
    let mut contact = stage.contact.clone();
    contact.age_recipient = other.contact.age_recipient.clone();
    let client = GatewayClient::new(PROVIDER, contact, tenant).unwrap();
    assert_eq!(
        refused(client.put_manifest(DEPLOYMENT, sdl.manifest()).await).0,
        422
    );
    assert_eq!(stage.store.manifest(DEPLOYMENT).unwrap(), None);
}

#[tokio::test]
async fn manifests_are_taken_from_bidders_in_line_only() {
    let (tenant, sdl) = (key(), sdl("hello"));
    let mut strange = chain(&tenant, sdl.manifest());
    strange.lease.provider = Addr::unchecked("wasm1other");
    let put = |chain: FakeChain| {
        let (tenant, sdl) = (tenant.clone(), sdl.clone());
        async move {
            let stage = stage(chain).await;
            stage
                .client(&tenant)
                .put_manifest(DEPLOYMENT, sdl.manifest())
                .await
        }
    };
    assert_eq!(refused(put(strange.clone()).await).0, 409);
    let mut runner_up = strange.clone();
    runner_up.order.auction.second = Some(Quote {
        provider: Addr::unchecked(PROVIDER),
        rate: Uint128::new(2),
    });
    put(runner_up).await.unwrap();
    let mut closed = chain(&tenant, sdl.manifest());
    closed.closed = true;
    assert_eq!(refused(put(closed).await).0, 409);
}

#[test]
fn a_sealed_manifest_opens_for_its_recipient_only() {
    let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mine, theirs) = (
        Identity::load(home.path()).unwrap(),
        Identity::load(other.path()).unwrap(),
    );
    let sdl = sdl("hello");
    let sealed = seal(sdl.manifest(), &mine.age_recipient()).unwrap();
    let hash = sdl.manifest().hash();
    assert_eq!(
        crate::workload::open(&sealed, &mine.age, &hash).unwrap(),
        *sdl.manifest()
    );
    assert!(matches!(
        crate::workload::open(&sealed, &theirs.age, &hash),
        Err(ManifestError::Open(_))
    ));
    assert!(matches!(
        crate::workload::open(&sealed, &mine.age, &[0; 32]),
        Err(ManifestError::Hash { .. })
    ));
}
