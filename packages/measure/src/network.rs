//! The network: plain TCP to a peer that the auditor runs elsewhere (`leasehold audit peer`).
//!
//! The client sends one letter: `u` (it sends until it closes its side; the peer answers with the number of bytes it took, 8 bytes
//! big-endian) or `d` (the peer sends until the client closes).

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::load::{Pattern, Work};
use crate::report::{Gap, Network};

/// Longest that a peer serves one connection.
pub const MAX_PEER_TIME: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(5);
const CHUNK: usize = 256 << 10;
const CONNECTS: usize = 5;

pub fn measure(peer: Option<SocketAddr>, time: Duration, gaps: &mut Vec<Gap>) -> Option<Network> {
    let Some(peer) = peer else {
        gaps.push(Gap::new(
            "network",
            "no peer was named; run `leasehold audit peer` elsewhere and name it with --peer",
        ));
        return None;
    };
    if peer.ip().is_loopback() {
        gaps.push(Gap::new(
            "network between machines",
            format!("{peer} is this machine: the figures are those of its memory"),
        ));
    }
    try_measure(peer, time * 2)
        .inspect_err(|error| gaps.push(Gap::new("network", format!("{peer}: {error}"))))
        .ok()
}

fn try_measure(peer: SocketAddr, time: Duration) -> io::Result<Network> {
    let mut connect = PATIENCE;
    for _ in 0..CONNECTS {
        let start = Instant::now();
        drop(TcpStream::connect_timeout(&peer, PATIENCE)?);
        connect = connect.min(start.elapsed());
    }
    Ok(Network {
        peer: peer.to_string(),
        connect_us: u64::try_from(connect.as_micros()).unwrap_or(u64::MAX),
        up_mb_s: up(peer, time)?.millions_a_second(),
        down_mb_s: down(peer, time)?.millions_a_second(),
    })
}

/// Until the peer has said what it took.
fn up(peer: SocketAddr, time: Duration) -> io::Result<Work> {
    let mut stream = open(peer, b'u')?;
    let start = Instant::now();
    send(&mut stream, time)?;
    stream.shutdown(Shutdown::Write)?;
    let mut taken = [0; 8];
    stream.read_exact(&mut taken)?;
    Ok(Work {
        amount: u64::from_be_bytes(taken),
        time: start.elapsed(),
    })
}

fn down(peer: SocketAddr, time: Duration) -> io::Result<Work> {
    let mut stream = open(peer, b'd')?;
    let start = Instant::now();
    let amount = take(&mut stream, time)?;
    Ok(Work {
        amount,
        time: start.elapsed(),
    })
}

fn open(peer: SocketAddr, direction: u8) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&peer, PATIENCE)?;
    be_patient(&stream)?;
    stream.write_all(&[direction])?;
    Ok(stream)
}

fn be_patient(stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))
}

fn send(stream: &mut TcpStream, time: Duration) -> io::Result<()> {
    let chunk: Vec<u8> = Pattern::new(3)
        .take(CHUNK / size_of::<u64>())
        .flat_map(u64::to_le_bytes)
        .collect();
    let start = Instant::now();
    while start.elapsed() < time {
        stream.write_all(&chunk)?;
    }
    Ok(())
}

/// Bytes that came until the other side closed or the time was over.
fn take(stream: &mut TcpStream, time: Duration) -> io::Result<u64> {
    let mut chunk = vec![0; CHUNK];
    let (start, mut taken) = (Instant::now(), 0_u64);
    while start.elapsed() < time {
        match stream.read(&mut chunk)? {
            0 => break,
            read => taken = taken.saturating_add(read as u64),
        }
    }
    Ok(taken)
}

/// Serves measurements one at a time, each for at most [`MAX_PEER_TIME`], for as long as the process runs. `heard` is told of each one.
///
/// # Errors
/// The listener fails.
pub fn serve_peer(
    listener: &TcpListener,
    heard: impl Fn(SocketAddr, io::Result<()>),
) -> io::Result<()> {
    loop {
        let (stream, from) = listener.accept()?;
        heard(from, serve(stream));
    }
}

fn serve(mut stream: TcpStream) -> io::Result<()> {
    be_patient(&stream)?;
    let mut direction = [0];
    if stream.read(&mut direction)? == 0 {
        // A connect that was timed.
        return Ok(());
    }
    match direction[0] {
        b'u' => {
            let taken = take(&mut stream, MAX_PEER_TIME)?;
            stream.write_all(&taken.to_be_bytes())
        }
        b'd' => match send(&mut stream, MAX_PEER_TIME) {
            // The client has seen enough.
            Err(error) if is_hang_up(&error) => Ok(()),
            result => result,
        },
        other => Err(io::Error::other(format!("`{other}` is no direction"))),
    }
}

fn is_hang_up(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
    )
}
