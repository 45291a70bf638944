//! Processes that die: every event is handed out exactly once all the same.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use super::{notes, open, FakeChain};

#[tokio::test]
async fn a_process_that_dies_anywhere_gets_every_event_exactly_once() {
    let chain = FakeChain::with_events(1000, 7);
    for work_before_death in 0..5 {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("cursor");
        let mut processed = vec![];
        'lives: loop {
            let mut cursor = open(&path);
            for _ in 0..work_before_death {
                let Some(batch) = cursor.next_batch(&chain).await.unwrap() else {
                    break 'lives;
                };
                assert_eq!(
                    cursor.next_batch(&chain).await.unwrap().unwrap(),
                    batch,
                    "not committed: handed out again"
                );
                cursor.commit(&batch).unwrap();
                processed.extend(notes(&batch));
            }
            let Some(lost) = cursor.next_batch(&chain).await.unwrap() else {
                break;
            };
            if work_before_death == 0 {
                open(&path).commit(&lost).unwrap();
                processed.extend(notes(&lost));
            }
        }
        let expected: Vec<_> = (7..=1000).step_by(7).map(|h: u64| h.to_string()).collect();
        assert_eq!(processed, expected, "{work_before_death}");
    }
}

const CHILD_FILE: &str = "LEASEHOLD_CURSOR_CHILD";

/// Not a test of its own: the process that `a_killed_process_keeps_what_it_committed` kills.
#[tokio::test]
async fn committing_child() {
    let Ok(path) = std::env::var(CHILD_FILE) else {
        return;
    };
    let chain = FakeChain::with_events(100_000, 1);
    let mut cursor = open(Path::new(&path));
    println!("\nopened {}", cursor.next_height());
    while let Some(batch) = cursor.next_batch(&chain).await.unwrap() {
        cursor.commit(&batch).unwrap();
        println!("committed {}", batch.height);
    }
}

#[test]
fn a_killed_process_keeps_what_it_committed() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("cursor");
    let mut acknowledged = 0;
    for lines in [1, 2, 5, 17, 40] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "cursor::death::committing_child",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(CHILD_FILE, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let number = |line: &str, word| {
            line.strip_prefix(word)
                .map(|n: &str| n.trim().parse::<u64>().unwrap())
        };
        let mut output = output.skip_while(|line| !line.starts_with("opened"));
        let opened = number(&output.next().unwrap(), "opened").unwrap();
        // The commit after the last acknowledged one may or may not have been in time.
        assert!(
            (acknowledged + 1..=acknowledged + 2).contains(&opened) || acknowledged == 0,
            "{opened} {acknowledged}"
        );
        let mut expected = opened;
        for line in output.by_ref().take(lines) {
            assert_eq!(number(&line, "committed"), Some(expected));
            expected += 1;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What the pipe still holds was acknowledged as well.
        acknowledged = output
            .filter_map(|line| number(&line, "committed"))
            .last()
            .unwrap_or(expected - 1);
        let next = open(&path).next_height();
        assert!(
            (acknowledged + 1..=acknowledged + 2).contains(&next),
            "{next} {acknowledged}"
        );
    }
}
