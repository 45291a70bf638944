//! What of a message is passed on.

use super::*;

/// A request's head as the app of lease 1 sees it, in lower case.
async fn seen(stage: &mut Stage, request: &str) -> String {
    let _client = stage.send(1, request).await;
    stage.call(1).await.0.to_ascii_lowercase()
}

#[tokio::test]
async fn a_request_is_for_one_host() {
    let mut stage = stage(8).await;
    for (request, status) in [
        ("GET / HTTP/1.1", 400),
        (
            "GET / HTTP/1.1\r\nHost: lease-1.here.test\r\nHost: lease-2.here.test",
            400,
        ),
        ("GET / HTTP/1.1\r\nHost: app1.example:@evil.example", 404),
        (
            "GET http://other.example/ HTTP/1.1\r\nHost: lease-1.here.test",
            404,
        ),
    ] {
        let whole = format!("{request}\r\n\r\n");
        assert_eq!(stage.status(&whole).await, status, "{request}");
    }
    let absolute = "GET http://APP1.example.:80/a HTTP/1.1\r\nHost: lease-2.here.test\r\n\r\n";
    let head = seen(&mut stage, absolute).await;
    assert!(head.starts_with("get /a http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nhost: app1.example.:80\r\n"), "{head}");
}

#[tokio::test]
async fn an_app_is_not_told_what_a_client_claims_to_be() {
    let mut stage = stage(8).await;
    let claims = [
        "Forwarded: for=9.9.9.9",
        "X-Forwarded-For: 9.9.9.9",
        "X_Forwarded_For: 9.9.9.9",
        "X-Forwarded-Host: 9.9.9.9",
        "X-Forwarded-Port: 9999",
        "X-Real-IP: 9.9.9.9",
        "Connection: x-forwarded-for",
    ];
    let request = format!(
        "GET / HTTP/1.1\r\nHost: lease-1.here.test\r\n{}\r\n\r\n",
        claims.join("\r\n")
    );
    let head = seen(&mut stage, &request).await;
    assert!(
        !head.contains("9.9.9.9") && !head.contains("9999"),
        "{head}"
    );
    for header in [
        "x-forwarded-for: 127.0.0.1",
        "x-forwarded-host: lease-1.here.test",
        "x-forwarded-proto: http",
    ] {
        assert!(head.contains(&format!("\r\n{header}\r\n")), "{head}");
    }
}

#[tokio::test]
async fn what_belongs_to_the_connection_stays_there() {
    let mut stage = stage(8).await;
    let request = [
        "GET / HTTP/1.1",
        "Host: lease-1.here.test",
        "Connection: upgrade, x-mine",
        "X-Mine: hop",
        "Upgrade: websocket",
        "Keep-Alive: timeout=hop",
        "Proxy-Connection: hop",
        "X-End-To-End: kept\r\n\r\n",
    ];
    let mut client = stage.send(1, &request.join("\r\n")).await;
    let (seen, mut app) = stage.call(1).await;
    let seen = seen.to_ascii_lowercase();
    assert!(seen.contains("x-end-to-end: kept"), "{seen}");
    assert!(!seen.contains("hop") && !seen.contains("upgrade"), "{seen}");
    let answer = "HTTP/1.1 204 OK\r\nKeep-Alive: timeout=hop\r\nX-Mine: kept\r\n\r\n";
    app.write_all(answer.as_bytes()).await.unwrap();
    let passed = head(&mut client).await;
    assert!(
        passed.contains("kept") && !passed.contains("hop"),
        "{passed}"
    );
}

#[tokio::test]
async fn an_app_gets_the_path_to_the_letter() {
    let mut stage = stage(8).await;
    for path in ["/a/../b//c\\..\\d%2e%2E/?e='%27&f", "/", "/?"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: lease-1.here.test\r\n\r\n");
        let _client = stage.send(1, &request).await;
        let (head, _) = stage.call(1).await;
        let line = format!("GET {path} HTTP/1.1\r\n");
        assert!(head.starts_with(&line), "{head}");
    }
}

#[tokio::test]
async fn a_body_has_one_length() {
    let mut stage = stage(8).await;
    let post = "POST / HTTP/1.1\r\nHost: lease-1.here.test\r\n";
    let (length, chunked) = ("Content-Length: 3", "Transfer-Encoding: chunked");
    for [first, second] in [[length, chunked], [chunked, length]] {
        let request = format!("{post}{first}\r\n{second}\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        let _client = stage.send(1, &request).await;
        let (head, mut app) = stage.call(1).await;
        let head = head.to_ascii_lowercase();
        assert!(!head.contains("content-length"), "{head}");
        assert!(head.contains("transfer-encoding: chunked"), "{head}");
        exactly(&mut app, "5\r\nhello\r\n0\r\n\r\n").await;
    }
    for framing in [
        "Content-Length: 3\r\nContent-Length: 4",
        "Content-Length: +3",
        "Transfer-Encoding: chunked, identity",
    ] {
        let request = format!("{post}{framing}\r\n\r\nabcd");
        assert_eq!(stage.status(&request).await, 400, "{framing}");
    }
}

#[tokio::test]
async fn no_body_is_lost_or_taken_for_another() {
    let mut stage = stage(8).await;
    let get = "GET / HTTP/1.1\r\nHost: lease-1.here.test\r\nTransfer-Encoding:";
    let _client = stage
        .send(1, &format!("{get} chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"))
        .await;
    let (_, mut app) = stage.call(1).await;
    exactly(&mut app, "2\r\nhi\r\n0\r\n\r\n").await;
    let packed = format!("{get} gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
    assert_eq!(stage.status(&packed).await, 501);
}

#[tokio::test]
async fn a_request_without_a_body_gets_none() {
    let mut stage = stage(8).await;
    for method in ["OPTIONS", "DELETE", "HEAD", "POST"] {
        let request = format!("{method} / HTTP/1.1\r\nHost: lease-1.here.test\r\n\r\n");
        let head = seen(&mut stage, &request).await;
        assert!(!head.contains("transfer-encoding"), "{head}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_is_the_clients_fault() {
    let stage = stage(8).await;
    let post = "POST / HTTP/1.1\r\nHost: lease-1.here.test\r\n";
    let declared = format!("{post}Content-Length: {}\r\n\r\n", MAX_BODY + 1);
    assert_eq!(stage.status(&declared).await, 413);
    let body = "0".repeat(MAX_BODY + 1);
    let length = body.len();
    let chunked =
        format!("{post}Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n");
    assert_eq!(stage.status(&chunked).await, 413);
}

#[tokio::test]
async fn nobody_gets_a_tunnel() {
    let mut stage = stage(8).await;
    let connect = "CONNECT lease-1.here.test:80 HTTP/1.1\r\nHost: lease-1.here.test:80\r\n\r\n";
    assert_eq!(stage.status(connect).await, 501);
    let mut client = stage.get(1, 1).await;
    let (_, mut app) = stage.call(1).await;
    let switch = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
    app.write_all(switch.as_bytes()).await.unwrap();
    let answer = head(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
}

#[tokio::test]
async fn a_head_without_end_is_not_kept() {
    let stage = stage(8).await;
    let long = "0".repeat(serve::MAX_BUFFER);
    let request = format!("GET / HTTP/1.1\r\nHost: lease-1.here.test\r\nCookie: {long}");
    assert_eq!(stage.status(&request).await, 431);
}
