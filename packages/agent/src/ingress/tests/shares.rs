//! Who may keep whom waiting.

use super::*;

const BEGUN: &str = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf";

/// Two requests to lease 1 are in progress: as many as it may have of four. Each has its client and its app.
async fn busy_stage() -> (Stage, Vec<(TcpStream, TcpStream)>) {
    let mut stage = stage(4).await;
    let mut open = Vec::new();
    for from in [1, 2] {
        let client = stage.get(from, 1).await;
        let (_, app) = stage.call(1).await;
        open.push((client, app));
    }
    (stage, open)
}

async fn is_refused(stage: &Stage) {
    let mut client = stage.get(3, 1).await;
    let answer = rest(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
    assert!(answer.contains("lease 1 has as many requests"), "{answer}");
}

/// The app answers and the client gets all of it.
async fn pass_whole(app: &mut TcpStream, client: &mut TcpStream) {
    app.write_all(BEGUN.as_bytes()).await.unwrap();
    app.write_all(b"full").await.unwrap();
    head(client).await;
    exactly(client, "halffull").await;
}

/// Asks until the app of lease 1 is called.
async fn is_served_again(stage: &mut Stage) {
    let served = async {
        loop {
            let client = stage.get(3, 1).await;
            let calls = stage.apps.get_mut(&1).unwrap();
            tokio::select! {
                _ = calls.recv() => return,
                // Refused.
                _ = client.readable() => {}
            }
        }
    };
    timeout(PATIENCE, served).await.expect("served again");
}

#[tokio::test]
async fn a_lease_that_has_its_share_is_refused_while_another_is_served() {
    let (mut stage, _open) = busy_stage().await;
    is_refused(&stage).await;
    let mut client = stage.get(4, 2).await;
    let (_, mut app) = stage.call(2).await;
    pass_whole(&mut app, &mut client).await;
}

#[tokio::test]
async fn a_lease_has_no_more_under_another_of_its_names() {
    let (stage, _open) = busy_stage().await;
    let request = "GET / HTTP/1.1\r\nHost: app1.example\r\n\r\n";
    let mut client = stage.send(3, request).await;
    assert!(head(&mut client).await.starts_with("HTTP/1.1 503"));
}

#[tokio::test]
async fn a_request_is_over_when_its_answer_has_been_passed_on_whole() {
    let (mut stage, mut open) = busy_stage().await;
    let (client, app) = &mut open[0];
    app.write_all(BEGUN.as_bytes()).await.unwrap();
    head(client).await;
    exactly(client, "half").await;
    is_refused(&stage).await;
    app.write_all(b"full").await.unwrap();
    exactly(client, "full").await;
    is_served_again(&mut stage).await;
}

#[tokio::test]
async fn a_request_is_over_when_its_client_has_gone() {
    let (mut stage, mut open) = busy_stage().await;
    let (mut client, mut app) = open.remove(0);
    app.write_all(BEGUN.as_bytes()).await.unwrap();
    head(&mut client).await;
    is_refused(&stage).await;
    drop(client);
    is_served_again(&mut stage).await;
    assert_eq!(rest(&mut app).await, "", "the app is told");
}

#[tokio::test]
async fn a_request_is_over_when_its_client_does_not_wait_for_the_answer() {
    let (mut stage, mut open) = busy_stage().await;
    is_refused(&stage).await;
    let (client, _app) = open.remove(0);
    drop(client);
    is_served_again(&mut stage).await;
}

#[tokio::test]
async fn a_request_is_over_when_its_app_has_broken_off() {
    let (mut stage, mut open) = busy_stage().await;
    let (mut client, mut app) = open.remove(0);
    app.write_all(BEGUN.as_bytes()).await.unwrap();
    head(&mut client).await;
    is_refused(&stage).await;
    drop(app);
    assert_eq!(rest(&mut client).await, "half", "broken off, not ended");
    is_served_again(&mut stage).await;
}

#[tokio::test]
async fn a_request_is_over_when_its_app_has_answered_nonsense() {
    let (mut stage, mut open) = busy_stage().await;
    let (client, app) = &mut open[0];
    app.write_all(b"no HTTP\r\n\r\n").await.unwrap();
    assert!(head(client).await.starts_with("HTTP/1.1 502"));
    is_served_again(&mut stage).await;
}

#[tokio::test]
async fn no_connection_to_an_app_is_kept_that_nobody_counts() {
    let mut stage = stage(4).await;
    let mut client = stage.get(1, 1).await;
    let (_, mut app) = stage.call(1).await;
    pass_whole(&mut app, &mut client).await;
    assert_eq!(rest(&mut app).await, "");
}
