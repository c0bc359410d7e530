//! A gateway on a database of its own, and requests to it.

use clap::Parser;
use gateway::database::Database;
use gateway::gateway::Gateway;
use gateway::settings::{Cli, Settings};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use shortlease::{Postgres, Sqlite};
use shortlease_tests::postgres::Server;
use shortlease_tests::wait::LIMIT;
use tempfile::TempDir;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub(crate) const ADMIN: &str = "the operator's token";

pub(crate) struct Fixture<DB: Database> {
    pub(crate) gateway: Gateway<DB>,
    http: reqwest::Client,
    pub(crate) directory: TempDir,
}

/// An answer: its status, and its body as JSON or as text.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Answer {
    /// The body of an answer that is good.
    #[track_caller]
    pub(crate) fn good(self) -> Value {
        assert!(self.status.is_success(), "{self:?}");
        self.body
    }

    /// The code of an answer that is an error.
    #[track_caller]
    pub(crate) fn code(&self) -> &str {
        assert!(!self.status.is_success(), "{self:?}");
        self.body["code"].as_str().unwrap_or_else(|| panic!("no problem document: {self:?}"))
    }
}

pub(crate) fn settings(flags: &[&str]) -> Settings {
    let always = ["gateway", "--listen", "127.0.0.1:0", "--admin-token", ADMIN, "--drain", "5"];
    Cli::try_parse_from(always.iter().chain(flags)).expect("flags").settings
}

/// Stops a gateway, as its process would.
pub(crate) async fn stop<DB: Database>(gateway: Gateway<DB>) {
    let (db, stop) = (gateway.app.db.clone(), CancellationToken::new());
    stop.cancel();
    let served = timeout(LIMIT, gateway.serve(stop)).await;
    served.expect("an end in time").expect("a good end");
    assert!(db.close(LIMIT).await.revoked.is_empty());
}

impl Fixture<Sqlite> {
    pub(crate) async fn new(flags: &[&str]) -> Self {
        let directory = TempDir::new().expect("a directory");
        let url = format!("sqlite://{}?mode=rwc", directory.path().join("gateway.db").display());
        Self::at(&url, directory, flags).await
    }
}

impl Fixture<Postgres> {
    pub(crate) async fn on_postgres(name: &str, flags: &[&str]) -> Self {
        let url = Server::shared().await.create_database(name).await;
        Self::at(&url, TempDir::new().expect("a directory"), flags).await
    }
}

impl<DB: Database> Fixture<DB> {
    pub(crate) async fn at(url: &str, directory: TempDir, flags: &[&str]) -> Self {
        let flags: Vec<_> = ["--database-url", url].iter().chain(flags).copied().collect();
        let gateway = Gateway::start(settings(&flags)).await.expect("a gateway");
        Fixture { gateway, http: reqwest::Client::new(), directory }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.gateway.address)
    }

    pub(crate) fn request(&self, token: &str, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path)).bearer_auth(token)
    }

    pub(crate) async fn send(request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let status = response.status();
        let text = response.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, body }
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        Self::send(self.request(token, Method::GET, path)).await
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        Self::send(self.request(token, Method::POST, path).json(&body)).await
    }

    pub(crate) async fn admin(&self, method: Method, path: &str, body: Value) -> Answer {
        let path = format!("/v1/admin/{path}");
        Self::send(self.request(ADMIN, method, &path).json(&body)).await
    }

    pub(crate) async fn call(&self, token: &str, tool: &str, arguments: Value) -> Answer {
        self.post(token, &format!("/v1/tools/{tool}/call"), arguments).await
    }

    /// A team that may call these tools, and its token.
    pub(crate) async fn team(&self, name: &str, tools: &[&str]) -> String {
        self.admin(Method::PUT, &format!("teams/{name}"), json!(null)).await.good();
        let grants = json!({ "tools": tools });
        self.admin(Method::PUT, &format!("teams/{name}/grants"), grants).await.good();
        let label = json!({ "label": format!("for {name}") });
        let token = self.admin(Method::POST, &format!("teams/{name}/tokens"), label).await.good();
        token["token"].as_str().expect("a token").to_owned()
    }

    /// An upstream that speaks plain HTTP, with these tools.
    pub(crate) async fn upstream(&self, name: &str, url: &str, tools: &[&str]) {
        let tools: Vec<_> = tools.iter().map(|tool| json!({ "name": tool })).collect();
        let upstream = json!({ "kind": "http", "url": url, "tools": tools });
        self.admin(Method::PUT, &format!("upstreams/{name}"), upstream).await.good();
    }
}
