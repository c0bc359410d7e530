//! Upstreams that speak plain HTTP: `POST {url}/{tool}` with the arguments as JSON, and JSON as the answer.

use rmcp::model::{CallToolResult, JsonObject};
use serde_json::Value;
use url::Url;

use super::UpstreamError;
use crate::headers::Headers;

pub(super) struct HttpClient {
    client: reqwest::Client,
    answer_bytes: usize,
}

impl HttpClient {
    pub(super) fn new(client: reqwest::Client, answer_bytes: usize) -> Self {
        HttpClient { client, answer_bytes }
    }

    pub(super) async fn call(
        &self,
        mut url: Url,
        headers: &Headers,
        tool: &str,
        arguments: JsonObject,
    ) -> Result<CallToolResult, UpstreamError> {
        let segments = url.path_segments_mut();
        segments
            .map_err(|()| UpstreamError::Forbidden("a URL without a path".into()))?
            .pop_if_empty()
            .push(tool);
        let request = self.client.post(url).headers(headers.to_map()).json(&arguments);
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let body = self.body(response).await?;
        if status.is_server_error() {
            return Err(UpstreamError::Unreachable(format!("status {status}")));
        }
        let value: Value = serde_json::from_slice(&body)
            .map_err(|error| UpstreamError::Nonsense(error.to_string()))?;
        Ok(if status.is_success() {
            CallToolResult::structured(value)
        } else {
            CallToolResult::structured_error(value)
        })
    }

    /// Reads no further than the limit.
    async fn body(&self, mut response: reqwest::Response) -> Result<Vec<u8>, UpstreamError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > self.answer_bytes {
                return Err(UpstreamError::Nonsense("longer than permitted".into()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

fn unreachable(error: reqwest::Error) -> UpstreamError {
    UpstreamError::Unreachable(error.without_url().to_string())
}
