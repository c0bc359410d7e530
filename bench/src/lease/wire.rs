//! A long wire to the server. Threads and not tasks: tokio's clock ticks in milliseconds, a thread's
//! sleep overshoots by some 50 µs.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

/// Delays what passes, in either direction. Its threads end with the connections they carry; the
/// one that listens ends with the process.
pub(super) struct Wire {
    address: SocketAddr,
}

impl Wire {
    pub(super) fn start(server: SocketAddr, delay: Duration) -> Wire {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        spawn(move || {
            for client in listener.incoming() {
                let client = client.expect("a client");
                let server = TcpStream::connect(server).expect("the server is up");
                forward(&client, &server, delay);
                forward(&server, &client, delay);
            }
        });
        Wire { address }
    }

    /// `url`, by way of this wire.
    pub(super) fn url(&self, server: &str) -> String {
        let (head, path) = server.rsplit_once('/').expect("a URL with a database");
        let (role, _) = head.rsplit_once('@').expect("a URL with a role");
        format!("{role}@{}/{path}", self.address)
    }
}

fn forward(from: &TcpStream, to: &TcpStream, delay: Duration) {
    let clone = |stream: &TcpStream| stream.try_clone().expect("a file descriptor");
    let (mut from, mut to) = (clone(from), clone(to));
    to.set_nodelay(true).expect("a socket option");
    let (sent, arriving) = mpsc::channel::<(Instant, Vec<u8>)>();
    spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(size @ 1..) = from.read(&mut buffer) {
            if sent.send((Instant::now() + delay, buffer[..size].to_vec())).is_err() {
                return;
            }
        }
    });
    spawn(move || {
        for (due, bytes) in arriving {
            sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                return;
            }
        }
        // The other side may be gone already.
        let _ = to.shutdown(Shutdown::Write);
    });
}
