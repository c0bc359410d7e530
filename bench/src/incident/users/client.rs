//! Requests to the server.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::json;

use crate::incident::backend::Arguments;
use crate::incident::database::LEAST_USERS;
use crate::incident::outcome::{Outcome, Problem};

#[derive(Clone)]
pub(super) struct Client(reqwest::Client);

impl Client {
    pub(super) fn new(patience: Duration) -> Client {
        let client = reqwest::Client::builder().timeout(patience).build();
        Client(client.expect("no TLS that could be missing"))
    }

    pub(super) async fn call(
        &self,
        server: SocketAddr,
        user: u64,
        tool: &str,
        number: u64,
    ) -> Outcome {
        let url = format!("http://{server}/v1/tools/{tool}/call");
        let request = self.0.post(url).bearer_auth(format!("token-{user}"));
        let answer = send(request.json(&Arguments { call: number })).await;
        match answer.map(|body| serde_json::from_slice::<Arguments>(&body)) {
            Ok(Ok(echo)) if echo.call == number => Outcome::Succeeded,
            Ok(_) => Outcome::Broken,
            Err(outcome) => outcome,
        }
    }

    pub(super) async fn login(&self, server: SocketAddr, nth: u64) -> Outcome {
        let request = self.0.post(format!("http://{server}/v1/login"));
        let name = format!("user-{}", nth % LEAST_USERS);
        outcome(send(request.json(&json!({ "name": name }))).await)
    }

    pub(super) async fn health(&self, server: SocketAddr) -> Outcome {
        outcome(send(self.0.get(format!("http://{server}/healthz"))).await)
    }
}

fn outcome<T>(answer: Result<T, Outcome>) -> Outcome {
    answer.map_or_else(|outcome| outcome, |_| Outcome::Succeeded)
}

async fn send(request: RequestBuilder) -> Result<Vec<u8>, Outcome> {
    let answered = async {
        let answer = request.send().await?;
        let status = answer.status();
        reqwest::Result::Ok((status, answer.bytes().await?))
    };
    match answered.await {
        Ok((status, body)) if status.is_success() => Ok(body.into()),
        Ok((_, body)) => Err(match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) => problem.code.into(),
            Err(_) => Outcome::Broken,
        }),
        Err(error) if error.is_timeout() => Err(Outcome::NoAnswer),
        Err(_) => Err(Outcome::Broken),
    }
}
