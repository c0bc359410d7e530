//! The call to the backend.

use std::time::Duration;

use crate::incident::backend::Arguments;

use super::failure::Failure;

#[derive(Clone)]
pub(super) struct Remote {
    client: reqwest::Client,
}

impl Remote {
    pub(super) fn new(patience: Duration) -> Remote {
        let client = reqwest::Client::builder().timeout(patience).build();
        Remote { client: client.expect("no TLS that could be missing") }
    }

    pub(super) async fn call(&self, url: &str, arguments: Arguments) -> Result<Arguments, Failure> {
        let answer = self.client.post(url).json(&arguments).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }
}
