//! Load on a gateway, by plain HTTP.

use gateway::database::Database;
use reqwest::Method;
use serde_json::json;

use crate::fixture::Fixture;

/// Callers without a pause, until they are dropped.
pub(crate) struct Callers(Vec<tokio::task::JoinHandle<()>>);

impl Callers {
    /// So many callers, who share the tools between them.
    pub(crate) fn start<DB: Database>(
        fixture: &Fixture<DB>,
        token: &str,
        tools: &[&str],
        count: usize,
    ) -> Self {
        let caller = |nth: usize| {
            let path = format!("/v1/tools/{}/call", tools[nth % tools.len()]);
            let request = fixture.request(token, Method::POST, &path).json(&json!({}));
            tokio::spawn(async move {
                loop {
                    let request = request.try_clone().expect("a body in memory");
                    Fixture::<DB>::send(request).await;
                }
            })
        };
        Callers((0..count).map(caller).collect())
    }
}

impl Drop for Callers {
    fn drop(&mut self) {
        self.0.iter().for_each(tokio::task::JoinHandle::abort);
    }
}
