//! A real Redis.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

use crate::child_server::{ChildServer, blocking};
use crate::ports;
use crate::server_dir::ServerDir;
use crate::wait::LIMIT;

/// A Redis of our own, on a free port of 127.0.0.1, which keeps nothing on disk. Dropping it ends it at once; it also
/// ends when the test process does.
pub struct Redis {
    running: Option<ChildServer>,
    port: u16,
    home: ServerDir,
}

impl Redis {
    /// Starts Redis and waits until it takes connections.
    ///
    /// # Panics
    /// Where Redis is not installed, or does not start.
    pub async fn start() -> Redis {
        blocking(|| {
            let home = ServerDir::new();
            let deadline = Instant::now() + LIMIT;
            loop {
                let port = ports::pick();
                match launch(&home, port) {
                    Ok(running) => return Redis { running: Some(running), port, home },
                    Err(log) => assert!(
                        log.contains("Address already in use") && Instant::now() < deadline,
                        "Redis does not start:\n{log}"
                    ),
                }
            }
        })
        .await
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis://{}", SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)))
    }

    /// Kills Redis as a crash would.
    pub async fn kill_9(&mut self) {
        if let Some(running) = self.running.take() {
            blocking(move || running.end("KILL")).await;
        }
    }

    /// Starts it again, empty, on the same port.
    ///
    /// # Panics
    /// Where it does not start.
    pub async fn restart(mut self) -> Redis {
        self.kill_9().await;
        blocking(move || {
            let running = launch(&self.home, self.port).expect("its own port is free");
            self.running = Some(running);
            self
        })
        .await
    }
}

fn launch(home: &ServerDir, port: u16) -> Result<ChildServer, String> {
    let port = port.to_string();
    let arguments =
        ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "."];
    let started = ChildServer::start(home, "KILL", "redis-server", arguments);
    started.until(|started| started.log().contains("Ready to accept connections"))
}
