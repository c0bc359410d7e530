//! The network between a client and a PostgreSQL server, under a test's control.

use std::mem;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::net::Shutdown;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::{self, Runtime};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

use crate::counts::Counts;
use crate::protocol::Dialogue;

/// A TCP proxy on a free port of 127.0.0.1. Dropping it resets what passes through it.
///
/// It runs on a thread and a clock of its own, so a test that blocks its runtime, or pauses its clock, does
/// not stop the network.
pub struct Proxy {
    address: SocketAddr,
    /// Keeps the port while nothing listens at it.
    _bound: TcpSocket,
    network: Arc<Network>,
    /// The task that listens, unless connections are refused.
    listens: tokio::sync::Mutex<Option<Listens>>,
    /// Present until dropped.
    runtime: Option<Runtime>,
}

struct Network {
    server: SocketAddr,
    delay: Mutex<Duration>,
    paused: watch::Sender<bool>,
    counts: Mutex<Counts>,
    connections: Mutex<JoinSet<()>>,
}

/// The task that listens, and its socket.
struct Listens {
    task: JoinHandle<()>,
    listener: Arc<TcpListener>,
}

/// A socket that closes with RST unless it came to an orderly end.
struct Wire {
    stream: TcpStream,
    orderly: bool,
}

impl Proxy {
    /// Starts a proxy in front of a server, which need not be up yet.
    pub fn start(server: SocketAddr) -> Proxy {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("proxy")
            .enable_all()
            .build()
            .expect("a thread");
        let network = Arc::new(Network {
            server,
            delay: Mutex::default(),
            paused: watch::Sender::new(false),
            counts: Mutex::default(),
            connections: Mutex::default(),
        });
        let bound = bind((Ipv4Addr::LOCALHOST, 0).into());
        let address = bound.local_addr().expect("bound above");
        let listens = Some(network.open(bind(address), &runtime)).into();
        Proxy { address, _bound: bound, network, listens, runtime: Some(runtime) }
    }

    /// Where the proxy listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `url` with the proxy's host and port.
    ///
    /// # Panics
    /// Where `url` is not a URL.
    pub fn url(&self, url: &str) -> String {
        let (scheme, rest) = url.split_once("://").expect("a URL");
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let role = authority.rfind('@').map_or("", |at| &authority[..=at]);
        format!("{scheme}://{role}{}{path}", self.address)
    }

    /// Lets everything that arrives from now on arrive later by `delay`, in either direction: a round trip
    /// takes twice that. Neither order nor bandwidth changes. The clock ticks in milliseconds.
    pub fn delay(&self, delay: Duration) {
        *lock(&self.network.delay) = delay;
    }

    /// Stops forwarding. Connections stay open, and new ones are accepted, but nothing comes through: what is
    /// sent, and that a side hung up, is kept until [`Proxy::resume`].
    pub fn pause(&self) {
        self.network.paused.send_replace(true);
    }

    /// Goes on forwarding, first what was kept.
    pub fn resume(&self) {
        self.network.paused.send_replace(false);
    }

    /// Cuts all connections: both sides get RST. They have been cut when this returns.
    pub async fn reset(&self) {
        let mut connections = mem::take(&mut *lock(&self.network.connections));
        connections.shutdown().await;
    }

    /// Refuses new connections from when this returns; those that exist go on.
    pub async fn refuse(&self) {
        if let Some(Listens { task, listener }) = self.listens.lock().await.take() {
            // Closed alone, it would accept for as long as a child process of another test has a copy: until its `exec`.
            rustix::net::shutdown(&listener, Shutdown::Both).expect("a socket that listens");
            task.abort();
            // Ends with "cancelled".
            let _ = task.await;
        }
    }

    /// Accepts new connections again, after [`Proxy::refuse`].
    pub async fn accept(&self) {
        let mut listens = self.listens.lock().await;
        if let (None, Some(runtime)) = (&*listens, &self.runtime) {
            *listens = Some(self.network.open(bind(self.address), runtime));
        }
    }

    /// What has passed so far.
    pub fn counts(&self) -> Counts {
        *lock(&self.network.counts)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Dropping a runtime waits, which a test's own runtime does not allow.
            runtime.shutdown_background();
        }
    }
}

impl Network {
    fn open(self: &Arc<Self>, socket: TcpSocket, runtime: &Runtime) -> Listens {
        let _context = runtime.enter();
        let listener = Arc::new(socket.listen(1024).expect("a bound socket"));
        let task = runtime.spawn(Arc::clone(self).welcome(Arc::clone(&listener)));
        Listens { task, listener }
    }

    async fn welcome(self: Arc<Self>, listener: Arc<TcpListener>) {
        loop {
            let Ok((client, _)) = listener.accept().await else {
                continue;
            };
            lock(&self.counts).connections += 1;
            let mut connections = lock(&self.connections);
            while connections.try_join_next().is_some() {}
            connections.spawn(Arc::clone(&self).connect(Wire::new(client)));
        }
    }

    async fn connect(self: Arc<Self>, mut client: Wire) {
        let Ok(server) = TcpStream::connect(self.server).await else {
            return;
        };
        let mut server = Wire::new(server);
        let dialogue = Mutex::<Dialogue>::default();
        let (from_client, to_client) = client.stream.split();
        let (from_server, to_server) = server.stream.split();
        let sent = |bytes: &[u8]| {
            let mut counts = lock(&self.counts);
            counts.to_server.bytes += bytes.len() as u64;
            counts.to_server.chunks += 1;
            lock(&dialogue).sent(bytes, &mut counts);
        };
        let answered = |bytes: &[u8]| {
            let mut counts = lock(&self.counts);
            counts.to_client.bytes += bytes.len() as u64;
            counts.to_client.chunks += 1;
            lock(&dialogue).answered(bytes, &mut counts);
        };
        tokio::join!(
            self.forward(from_client, to_server, sent),
            self.forward(from_server, to_client, answered),
        );
        client.orderly = true;
        server.orderly = true;
    }

    async fn forward(&self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, count: impl Fn(&[u8])) {
        let (road, mut arrivals) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
        let receive = async move {
            let mut buffer = vec![0; 64 * 1024];
            loop {
                let size = from.read(&mut buffer).await.unwrap_or(0);
                let chunk = buffer[..size].to_vec();
                if !chunk.is_empty() {
                    count(&chunk);
                }
                let due = Instant::now() + *lock(&self.delay);
                // An empty chunk travels too: it is the end.
                if road.send((due, chunk)).is_err() || size == 0 {
                    return;
                }
            }
        };
        let send = async move {
            let mut paused = self.paused.subscribe();
            while let Some((due, chunk)) = arrivals.recv().await {
                sleep_until(due).await;
                let resumed = paused.wait_for(|paused| !paused).await.is_ok();
                if !resumed || chunk.is_empty() || to.write_all(&chunk).await.is_err() {
                    break;
                }
            }
            let _ = to.shutdown().await;
        };
        tokio::join!(receive, send);
    }
}

impl Wire {
    fn new(stream: TcpStream) -> Wire {
        // Fails only where the other side is gone, which the first read tells.
        let _ = stream.set_nodelay(true);
        Wire { stream, orderly: false }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if !self.orderly {
            let _ = self.stream.set_zero_linger();
        }
    }
}

fn bind(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("a socket option");
    socket.set_reuseport(true).expect("a socket option");
    socket.bind(address).expect("a free port");
    socket
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
