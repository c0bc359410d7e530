//! The credentials of upstreams: headers that are sent with each request to one.

use std::collections::HashMap;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;

/// Headers that the gateway sets itself.
const TAKEN: [&str; 7] = [
    "accept", "connection", "content-length", "content-type", "host", "last-event-id",
    "transfer-encoding",
];

/// Headers that an upstream wants with each request, such as `authorization`. `Debug` shows their names alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Headers(HeaderMap);

/// Why a value cannot be headers. It names no value, as that may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum HeadersError {
    /// It is not an object of texts.
    #[error(
        "`headers` is an object of names and texts, such as {{\"authorization\": \"Bearer ..\"}}"
    )]
    Shape,
    /// A name cannot be that of a header.
    #[error("`headers` has the name {0:?}, which cannot be that of a header")]
    Name(String),
    /// The gateway sets the header itself.
    #[error("`headers` has {0:?}, which the gateway sets itself")]
    Taken(String),
    /// A value cannot be that of a header.
    #[error("`headers` has a value for {0:?} that cannot be sent")]
    Value(String),
}

impl Headers {
    /// The headers as a request takes them.
    #[must_use]
    pub fn to_map(&self) -> HeaderMap {
        self.0.clone()
    }

    /// The headers as an MCP client takes them.
    #[must_use]
    pub fn to_hash_map(&self) -> HashMap<HeaderName, HeaderValue> {
        self.0.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// The headers as the database keeps them, secrets included.
    #[must_use]
    pub fn reveal(&self) -> String {
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().into();
        let object = self.0.iter().map(|(name, value)| (name.to_string(), text(value)));
        Value::Object(object.collect()).to_string()
    }
}

impl TryFrom<Value> for Headers {
    type Error = HeadersError;

    fn try_from(value: Value) -> Result<Self, HeadersError> {
        let Value::Object(object) = value else { return Err(HeadersError::Shape) };
        let mut map = HeaderMap::new();
        for (name, value) in object {
            let Value::String(text) = value else { return Err(HeadersError::Shape) };
            let Ok(header) = name.parse::<HeaderName>() else {
                return Err(HeadersError::Name(name));
            };
            if TAKEN.contains(&header.as_str()) || header.as_str().starts_with("mcp-") {
                return Err(HeadersError::Taken(name));
            }
            // Texts that `to_str` reads back: visible ASCII.
            let value = text.parse::<HeaderValue>().ok().filter(|value| value.to_str().is_ok());
            let Some(mut value) = value else { return Err(HeadersError::Value(name)) };
            value.set_sensitive(true);
            map.insert(header, value);
        }
        Ok(Headers(map))
    }
}

/// From the column that keeps them.
impl TryFrom<String> for Headers {
    type Error = HeadersError;

    fn try_from(text: String) -> Result<Self, HeadersError> {
        serde_json::from_str::<Value>(&text).map_err(|_| HeadersError::Shape)?.try_into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SECRET: &str = "a-secret-that-nobody-sees";

    #[test]
    fn headers_are_read_back_from_what_is_kept() {
        let headers =
            Headers::try_from(json!({ "X-Api-Key": SECRET, "authorization": "Bearer a b" }));
        let headers = headers.unwrap();
        assert_eq!(Headers::try_from(headers.reveal()).unwrap(), headers);
        assert_eq!(headers.to_map()["x-api-key"], SECRET);
        assert_eq!(Headers::try_from("{}".to_owned()).unwrap(), Headers::default());
    }

    #[test]
    fn debug_and_errors_show_no_value() {
        let headers = Headers::try_from(json!({ "authorization": SECRET })).unwrap();
        let shown = format!("{headers:?}");
        assert!(shown.contains("authorization") && !shown.contains(SECRET), "{shown}");
        for wrong in [
            json!(SECRET),
            json!([SECRET]),
            json!({ "a": [SECRET] }),
            json!({ "a b": SECRET }),
            json!({ "host": SECRET }),
            json!({ "Mcp-Session-Id": SECRET }),
            json!({ "a": format!("{SECRET}\n") }),
            json!({ "a": format!("{SECRET}é") }),
        ] {
            let error = serde_json::from_value::<Headers>(wrong.clone()).unwrap_err().to_string();
            assert!(error.starts_with("`headers` ") && !error.contains(SECRET), "{wrong}: {error}");
        }
    }
}
