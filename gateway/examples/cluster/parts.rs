//! The parts of a cluster, each real: one PostgreSQL, one PgBouncer, one Redis, one backend and three gateways.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use reqwest::Method;
use serde_json::{Value, json};
use shortlease_tests::pgbouncer::PgBouncer;
use shortlease_tests::postgres::Server;
use shortlease_tests::redis::Redis;
use tokio::net::TcpListener;

use crate::process::Process;

/// Database sessions that all gateways together may open. Three times eight connections fit.
pub(crate) const BUDGET: &str = "36";

/// Sessions that PgBouncer opens on the server.
const SESSIONS: &str = "10";

/// How long the backend works for a call.
const WORK: Duration = Duration::from_millis(200);

const ADMIN: &str = "cluster-admin";

pub(crate) struct Cluster {
    pub(crate) gateways: Vec<Process>,
    pub(crate) server: Server,
    pub(crate) _pgbouncer: PgBouncer,
    pub(crate) _redis: Redis,
    /// A token that may call everything.
    pub(crate) token: String,
}

impl Cluster {
    pub(crate) async fn start(program: &Path) -> Self {
        let (server, redis) = (Server::start().await, Redis::start().await);
        let direct = server.create_database("gateway").await;
        let settings = [("default_pool_size", SESSIONS), ("max_client_conn", "100")];
        let pgbouncer = PgBouncer::start(&server, &settings).await;
        let (pooled, redis_url) = (pgbouncer.url("gateway"), redis.url());
        let flags = [
            ["--database-url", &pooled],
            ["--direct-database-url", &direct],
            ["--redis-url", &redis_url],
            ["--pooler", "transaction"],
            ["--budget", BUDGET],
            ["--processes", "3"],
            ["--rate-limit", "0"],
            ["--admin-token", ADMIN],
            ["--log", "warn"],
        ];
        let flags: Vec<_> = flags.iter().flatten().copied().chain(["--allow-private"]).collect();
        // At once, so that their migrations meet.
        let gateways = std::thread::scope(|scope| {
            let starts = [(); 3].map(|()| scope.spawn(|| Process::start(program, &flags)));
            starts.map(|start| start.join().expect("a gateway")).into()
        });
        let mut cluster = Cluster {
            gateways,
            server,
            _pgbouncer: pgbouncer,
            _redis: redis,
            token: String::new(),
        };
        cluster.prepare().await;
        cluster
    }

    /// Registers the backend at one gateway and a team at another: all know both.
    async fn prepare(&mut self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let answer = async || {
            tokio::time::sleep(WORK).await;
            axum::Json(json!("done"))
        };
        tokio::spawn(
            axum::serve(listener, Router::new().route("/work", post(answer))).into_future(),
        );
        let upstream = json!({ "kind": "http", "url": url, "tools": [{ "name": "work" }] });
        self.admin(0, Method::PUT, "upstreams/backend", upstream).await;
        self.admin(1, Method::PUT, "teams/team", Value::Null).await;
        self.admin(2, Method::PUT, "teams/team/grants", json!({ "tools": ["*"] })).await;
        let token = self.admin(0, Method::POST, "teams/team/tokens", json!({})).await;
        self.token = token["token"].as_str().expect("a token").to_owned();
    }

    async fn admin(&self, at: usize, method: Method, path: &str, body: Value) -> Value {
        let url = format!("http://{}/v1/admin/{path}", self.gateways[at].address);
        let request = reqwest::Client::new().request(method, url).bearer_auth(ADMIN).json(&body);
        let response = request.send().await.expect("an answer").error_for_status().expect("done");
        response.json().await.unwrap_or_default()
    }

    pub(crate) fn urls(&self) -> Arc<[String]> {
        self.gateways.iter().map(|gateway| format!("http://{}/mcp", gateway.address)).collect()
    }
}
