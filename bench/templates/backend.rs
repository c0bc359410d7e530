//! What a handler waits for while it should hold no connection.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::error::Error;

pub struct Backend;

impl Backend {
    pub async fn call(&self, address: &str, input: &str) -> Result<String, Error> {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(input.as_bytes()).await?;
        stream.shutdown().await?;
        let mut output = String::new();
        stream.read_to_string(&mut output).await?;
        Ok(output)
    }
}
